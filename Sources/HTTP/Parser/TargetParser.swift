// RFC 9112 §3.2: request-target, with the URI grammar of RFC 3986 §3. Deviations:
// - authority-form belongs to CONNECT, which is not implemented;
// - `"`, `[` and `]` are accepted in the query, where provisioning clients leave them unescaped in filters;
// - `.` and `..` segments, encoded or not, are refused rather than removed, and so are `%2F` and controls in a path:
//   whoever checked the path in front of us may have read it the other way.

/// Finds the parts of a request target and checks every byte of it, in one pass.
enum TargetParser {
    /// The parts of the target that lies in `range` of `bytes`.
    ///
    /// `known`: a target that was accepted, whose parts lie in its bytes where they would lie here. What the target begins with is not
    /// looked at again where it is the same.
    static func parse(
        _ bytes: Span<UInt8>,
        in range: Range<Int>,
        like known: Target? = nil
    ) throws(Rejection) -> Target.Parts {
        guard let first = range.first else { throw .malformed("the request target is empty") }
        var parts = Target.Parts(whole: range, path: range)
        if bytes[first] == ASCII.asterisk, range.count == 1 {
            parts.isAsterisk = true
            parts.path = first..<first
            return parts
        }
        var pathStart = first
        if bytes[first] != ASCII.slash {
            pathStart = try parseAuthority(bytes, into: &parts)
        }
        let known = known.flatMap { isComparable($0, range) ? $0 : nil }
        let shared = known.map { sharedEnd(bytes, in: range, $0) } ?? range.lowerBound
        let pathEnd: Int
        if let known, let query = known.parts.query, query.lowerBound <= shared {
            pathEnd = known.parts.path.upperBound
        } else {
            pathEnd = try scanPath(bytes, from: pathStart, known: shared, to: range.upperBound, &parts)
        }
        parts.path = pathStart..<pathEnd
        if pathEnd < range.upperBound {
            let query = (pathEnd + 1)..<range.upperBound
            try scanQuery(bytes, in: query, known: shared, &parts)
            parts.query = query
        }
        return parts
    }

    /// Whether a target that was accepted can tell of one in a range: if its parts lie where those of the other would.
    private static func isComparable(_ known: Target, _ range: Range<Int>) -> Bool {
        let parts = known.parts
        // The whole of what is encoded has to be UTF-8, which the parts that two targets share do not tell.
        return parts.isASCII && parts.authority == nil && !parts.isAsterisk
            && parts.whole.lowerBound == range.lowerBound
    }

    /// Where the bytes end that a target has in common with one that was accepted.
    private static func sharedEnd(_ bytes: Span<UInt8>, in range: Range<Int>, _ known: Target) -> Int {
        range.lowerBound
            + bytes.extracting(range).sharedCount(with: known.bytes.span.extracting(known.parts.whole))
    }

    /// The bytes of a range with its percent-encodings, all known to be well-formed, decoded.
    static func decoded(_ bytes: Span<UInt8>, in range: Range<Int>, plusIsSpace: Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == ASCII.percent, let value = escapedByte(bytes, at: index, end: range.upperBound) {
                result.append(value)
                index += 3
            } else {
                result.append(byte == ASCII.plus && plusIsSpace ? ASCII.space : byte)
                index += 1
            }
        }
        return result
    }

    /// Reads `http://host:port` (RFC 9112 §3.2.2) and gives where the path begins.
    private static func parseAuthority(
        _ bytes: Span<UInt8>,
        into parts: inout Target.Parts
    ) throws(Rejection) -> Int {
        let range = parts.whole
        let start: Int
        if hasPrefix("http://", bytes, in: range) {
            start = range.lowerBound + 7
        } else if hasPrefix("https://", bytes, in: range) {
            start = range.lowerBound + 8
            parts.isHTTPS = true
        } else {
            throw .malformed("the request target is in none of the accepted forms")
        }
        var end = start
        while end < range.upperBound, bytes[end] != ASCII.slash, bytes[end] != ASCII.question { end += 1 }
        guard Authority.isValid(bytes.extracting(start..<end)) else {
            throw .malformed("the request target has an invalid authority")
        }
        parts.authority = start..<end
        return end
    }

    private static func hasPrefix(_ prefix: String, _ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        let end = range.lowerBound + prefix.utf8.count
        return end <= range.upperBound && equalIgnoringCase(bytes.extracting(range.lowerBound..<end), prefix)
    }

    /// Checks the path and gives where it ends: at a question mark or at `end`.
    ///
    /// `known`: where the bytes end that are those of a path that was accepted.
    private static func scanPath(
        _ bytes: Span<UInt8>,
        from start: Int,
        known: Int,
        to end: Int,
        _ parts: inout Target.Parts
    ) throws(Rejection) -> Int {
        var index = start
        // A segment is checked as a whole, so that the last one that both have in part is looked at from its slash on.
        if known > start {
            index = known - 1
            while bytes[index] != ASCII.slash { index -= 1 }
        }
        var segmentBytes = 0
        var segmentDots = 0
        var hasNonASCII = false
        while true {
            let plainStart = index
            while index < end, ByteSet.plainPath.contains(bytes[index]) { index += 1 }
            segmentBytes += index - plainStart
            guard index < end else { break }
            var byte = bytes[index]
            guard ByteSet.path.contains(byte) else {
                if byte == ASCII.question { break }
                throw .malformed("the request target has a character that is not allowed in a path")
            }
            index += 1
            if byte == ASCII.slash {
                try refuseDots(segmentDots, of: segmentBytes)
                (segmentBytes, segmentDots) = (0, 0)
                continue
            }
            if byte == ASCII.percent {
                byte = try escape(bytes, at: index - 1, end: end)
                index += 2
                guard byte >= 0x20, byte != 0x7F, byte != ASCII.slash else {
                    throw .malformed("the path has an encoded slash or control character")
                }
                hasNonASCII = hasNonASCII || byte >= 0x80
            }
            segmentBytes += 1
            if byte == ASCII.dot { segmentDots += 1 }
        }
        try refuseDots(segmentDots, of: segmentBytes)
        if hasNonASCII {
            try requireUTF8(bytes, in: start..<index)
            parts.isASCII = false
        }
        return index
    }

    /// `known`: where the bytes end that are those of a query that was accepted.
    private static func scanQuery(
        _ bytes: Span<UInt8>,
        in range: Range<Int>,
        known: Int,
        _ parts: inout Target.Parts
    ) throws(Rejection) {
        // A percent-encoding that both have in part is looked at from its percent sign on.
        var index = max(range.lowerBound, known - 2)
        var hasNonASCII = false
        while true {
            while index < range.upperBound, ByteSet.plainQuery.contains(bytes[index]) { index += 1 }
            guard index < range.upperBound else { break }
            guard bytes[index] == ASCII.percent else {
                throw .malformed("the request target has a character that is not allowed in a query")
            }
            let value = try escape(bytes, at: index, end: range.upperBound)
            index += 3
            guard value != 0 else { throw .malformed("the query has an encoded NUL") }
            hasNonASCII = hasNonASCII || value >= 0x80
        }
        if hasNonASCII {
            try requireUTF8(bytes, in: range)
            parts.isASCII = false
        }
    }

    private static func refuseDots(_ dots: Int, of count: Int) throws(Rejection) {
        guard dots != count || dots == 0 || dots > 2 else { throw .malformed("the path has a dot segment") }
    }

    /// Separators are ASCII and never part of a sequence, so the whole is UTF-8 exactly when each piece is.
    private static func requireUTF8(_ bytes: Span<UInt8>, in range: Range<Int>) throws(Rejection) {
        let text = String(validating: decoded(bytes, in: range, plusIsSpace: false), as: UTF8.self)
        guard text != nil else { throw .malformed("the request target does not decode to UTF-8") }
    }

    @inline(__always)
    private static func escape(_ bytes: Span<UInt8>, at index: Int, end: Int) throws(Rejection) -> UInt8 {
        guard let value = escapedByte(bytes, at: index, end: end) else {
            throw .malformed("the request target has a malformed percent-encoding")
        }
        return value
    }

    @inline(__always)
    private static func escapedByte(_ bytes: Span<UInt8>, at index: Int, end: Int) -> UInt8? {
        guard index + 2 < end, let high = hexValue(bytes[index + 1]), let low = hexValue(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }
}
