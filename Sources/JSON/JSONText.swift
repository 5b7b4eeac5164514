// RFC 8259 §7 and RFC 3629 §4: what is inside strings.

/// Operations on runs of bytes that the parser and the writer share.
///
/// Eight bytes are looked at together: in a word, a byte's highest bit can tell whether the byte is of some kind. Loading
/// a word checks its bounds as any subscript does; what is called unsafe about it is the type, and eight bytes are always
/// a number.
enum JSONText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Marks bytes that a string must not contain as they are.
    ///
    /// Only the lowest mark is exact: a borrow may set others above it.
    @inline(__always)
    private static func mustBeEscaped(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- (ones &* 0x20)) & ~word
        return (controls | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes) & highBits
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// The end of the run of ASCII from `start` that has nothing to escape.
    @inline(__always)
    static func endOfPlainASCII(_ text: Span<UInt8>, from start: Int) -> Int {
        let bytes = text.bytes
        var index = start
        while index &+ 8 <= bytes.byteCount {
            let word = word(bytes, index)
            let marks = mustBeEscaped(word) | word & highBits
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < text.count, mayStandInString(text[index]), text[index] < 0x80 { index &+= 1 }
        return index
    }

    /// The end of the run of UTF-8 from `start` that has nothing to escape.
    @inline(__always)
    static func endOfPlain(_ text: Span<UInt8>, from start: Int) -> Int {
        let bytes = text.bytes
        var index = start
        while index &+ 8 <= bytes.byteCount {
            let marks = mustBeEscaped(word(bytes, index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < text.count, mayStandInString(text[index]) { index &+= 1 }
        return index
    }

    @inline(__always)
    private static func mayStandInString(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Whether a text has ASCII only.
    static func isASCII(_ text: Span<UInt8>) -> Bool {
        let bytes = text.bytes
        var index = 0
        var seen: UInt64 = 0
        while index &+ 8 <= bytes.byteCount {
            seen |= word(bytes, index)
            index &+= 8
        }
        while index < text.count {
            seen |= UInt64(text[index])
            index &+= 1
        }
        return seen & highBits == 0
    }

    /// Whether two texts have the same bytes.
    @inline(__always)
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var index = 0
        while index &+ 8 <= left.count {
            guard word(left.bytes, index) == word(right.bytes, index) else { return false }
            index &+= 8
        }
        while index < left.count {
            guard left[index] == right[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether two strings have the same bytes, which canonically equivalent strings need not have.
    @inline(__always)
    static func areEqual(_ left: String, _ right: String) -> Bool {
        // The lengths differ nearly always, which spares looking at the text.
        left.utf8.count == right.utf8.count && areEqual(left.utf8.span, right.utf8.span)
    }

    /// Feeds all bytes to `hasher`, whose seed no client knows.
    static func hash(_ text: Span<UInt8>, into hasher: inout Hasher) {
        var index = 0
        while index &+ 8 <= text.count {
            hasher.combine(word(text.bytes, index))
            index &+= 8
        }
        while index < text.count {
            hasher.combine(text[index])
            index &+= 1
        }
    }

    /// The string of UTF-8 that has been checked.
    @inline(__always)
    static func string(_ utf8: Span<UInt8>, isASCII: Bool) -> String {
        String(copying: UTF8Span(unchecked: utf8, isKnownASCII: isASCII))
    }
}

// MARK: - UTF-8

extension JSONText {
    /// Behind the byte order mark that a text may begin with (RFC 8259 §8.1: a parser may ignore one).
    static func endOfByteOrderMark(_ text: Span<UInt8>) -> Int {
        text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF ? 3 : 0
    }

    /// The length of the UTF-8 sequence at `index` (RFC 3629 §4: no overlong forms, no surrogates, at most U+10FFFF).
    static func sequenceLength(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        let (length, low, high): (Int, UInt8, UInt8) =
            switch text[index] {
            case 0xC2...0xDF: (2, 0x80, 0xBF)
            case 0xE0: (3, 0xA0, 0xBF)
            case 0xED: (3, 0x80, 0x9F)
            case 0xE1...0xEF: (3, 0x80, 0xBF)
            case 0xF0: (4, 0x90, 0xBF)
            case 0xF1...0xF3: (4, 0x80, 0xBF)
            case 0xF4: (4, 0x80, 0x8F)
            default: (0, 0, 0)
            }
        guard length > 0, index + length <= text.count, low <= text[index + 1], text[index + 1] <= high else {
            throw JSONError(.invalidUTF8, at: index)
        }
        for position in index + 2..<max(index + 2, index + length) where text[position] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: index)
        }
        return length
    }
}

// MARK: - Escapes

extension JSONText {
    /// Checks the escape at `index` (a surrogate pair is one) and returns where the text goes on.
    static func endOfEscape(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        guard index + 1 < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        switch text[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            return try endOfUnicodeEscape(text, at: index)
        default:
            throw JSONError(.syntax, at: index + 1)
        }
    }

    private static func endOfUnicodeEscape(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        switch try checkedCodeUnit(text, at: index) {
        case 0xD800..<0xDC00:
            let second = index + 6
            guard second + 1 < text.count, text[second] == UInt8(ascii: "\\"),
                text[second + 1] == UInt8(ascii: "u"),
                (0xDC00..<0xE000).contains(try checkedCodeUnit(text, at: second))
            else { throw JSONError(.loneSurrogate, at: index) }
            return second + 6
        case 0xDC00..<0xE000:
            throw JSONError(.loneSurrogate, at: index)
        default:
            return index + 6
        }
    }

    private static func checkedCodeUnit(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> UInt32 {
        guard index + 6 <= text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        for position in index + 2..<index + 6 where hexDigit(text[position]) == nil {
            throw JSONError(.syntax, at: position)
        }
        return codeUnit(text, at: index)
    }

    /// The four digits of the `\uXXXX` at `index`.
    private static func codeUnit(_ text: Span<UInt8>, at index: Int) -> UInt32 {
        var value: UInt32 = 0
        for position in index + 2..<index + 6 { value = value << 4 | (hexDigit(text[position]) ?? 0) }
        return value
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }

    /// The bytes that a string's content stands for; the content has been checked.
    static func unescape(_ content: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var index = 0
        while index < content.count {
            guard content[index] == UInt8(ascii: "\\") else {
                result.append(content[index])
                index += 1
                continue
            }
            let escaped = content[index + 1]
            if escaped == UInt8(ascii: "u") {
                index = appendScalar(content, at: index, to: &result)
            } else {
                result.append(unescaped(escaped))
                index += 2
            }
        }
        return result
    }

    private static func unescaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        default: byte
        }
    }

    private static func appendScalar(_ content: Span<UInt8>, at index: Int, to result: inout [UInt8]) -> Int {
        var number = codeUnit(content, at: index)
        var end = index + 6
        if (0xD800..<0xDC00).contains(number) {
            number = 0x10000 + (number - 0xD800) << 10 + (codeUnit(content, at: end) - 0xDC00)
            end += 6
        }
        if let scalar = Unicode.Scalar(number) {
            result.append(contentsOf: UTF8.encode(scalar) ?? .init())
        }
        return end
    }
}

extension String {
    /// Whether the string has ASCII only; eight bytes are looked at together.
    package var isASCII: Bool { JSONText.isASCII(utf8.span) }

    /// Takes what stands between the quotation marks of a JSON string; nil unless it is ASCII of which nothing is escaped.
    package init?(plainJSON content: Span<UInt8>) {
        guard JSONText.endOfPlainASCII(content, from: 0) == content.count else { return nil }
        self = JSONText.string(content, isASCII: true)
    }
}

extension Span where Element == UInt8 {
    /// Whether two texts have the same bytes; eight are looked at together.
    package func hasSameBytes(as other: Span<UInt8>) -> Bool { JSONText.areEqual(self, other) }
}
