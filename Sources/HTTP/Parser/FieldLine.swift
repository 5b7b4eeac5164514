// RFC 9112 §5: field-line = field-name ":" OWS field-value OWS. Obsolete folding (§5.2) and whitespace before the colon
// (§5.1) are refused wherever they stand. Control characters never come here: LineEnd refuses them.

extension Fields.Line {
    /// Reads the field line in `range` of `bytes`, as ``LineEnd`` found it, without its CR LF.
    init(parsing bytes: Span<UInt8>, in range: Range<Int>) throws(Rejection) {
        var index = range.lowerBound
        while index < range.upperBound, ByteSet.token.contains(bytes[index]) { index += 1 }
        guard index < range.upperBound, bytes[index] == ASCII.colon, index > range.lowerBound else {
            throw Self.nameRejection(bytes, in: range)
        }
        nameStart = UInt32(range.lowerBound)
        nameEnd = UInt32(index)
        known = WellKnownField(matching: bytes.extracting(range.lowerBound..<index))

        var start = index + 1
        var end = range.upperBound
        while start < end, Self.isWhitespace(bytes[start]) { start += 1 }
        while end > start, Self.isWhitespace(bytes[end - 1]) { end -= 1 }
        valueStart = UInt32(start)
        valueEnd = UInt32(end)
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    private static func nameRejection(_ bytes: Span<UInt8>, in range: Range<Int>) -> Rejection {
        if let first = range.first, isWhitespace(bytes[first]) {
            return .malformed("a field line begins with whitespace")
        }
        return .malformed("a field line does not begin with a field name and a colon")
    }
}
