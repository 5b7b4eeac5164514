import JSON

// RFC 7644 §3.4.2.2, figure 1: the tokens of a filter. Blanks separate tokens and may repeat.

/// One token and where it stands in the text, in bytes.
struct FilterToken {
    enum Kind: Equatable {
        case open, close, openBracket, closeBracket
        /// A run of characters that is no literal: a path, an operator, `and`, `true`; of loose filters also a text without
        /// quotes.
        case word
        case string(String)
        case number(JSONNumber)
    }

    let kind: Kind
    let range: Range<Int>
}

/// Cuts a filter into tokens and refuses one that nests too deeply, before anything is built from it.
struct FilterLexer {
    private let bytes: [UInt8]
    /// Whether a word may begin like a number and hold other than ASCII.
    private let isLoose: Bool
    private var position = 0
    private var depth = 0
    private(set) var tokens: [FilterToken] = []

    private init(_ bytes: [UInt8], isLoose: Bool) {
        self.bytes = bytes
        self.isLoose = isLoose
        tokens.reserveCapacity(4)
    }

    static func tokens(of bytes: [UInt8], isLoose: Bool) throws(SCIMError) -> [FilterToken] {
        guard bytes.count <= FilterLimits.bytesMax else {
            throw SCIMError(.invalidFilter, "The filter is longer than \(FilterLimits.bytesMax) bytes.")
        }
        var lexer = FilterLexer(bytes, isLoose: isLoose)
        while try lexer.advance() {}
        return lexer.tokens
    }

    /// Reads one token; false at the end.
    private mutating func advance() throws(SCIMError) -> Bool {
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
        guard position < bytes.count else { return false }
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "("): try enter(.open)
        case UInt8(ascii: "["): try enter(.openBracket)
        case UInt8(ascii: ")"): leave(.close)
        case UInt8(ascii: "]"): leave(.closeBracket)
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        default: try readWord()
        }
        return true
    }

    private mutating func enter(_ kind: FilterToken.Kind) throws(SCIMError) {
        depth += 1
        guard depth <= FilterLimits.depthMax else {
            throw SCIMError(.invalidFilter, "The filter nests deeper than \(FilterLimits.depthMax) levels.")
        }
        append(kind, bytes: 1)
    }

    private mutating func leave(_ kind: FilterToken.Kind) {
        depth -= 1
        append(kind, bytes: 1)
    }

    private mutating func append(_ kind: FilterToken.Kind, bytes count: Int) {
        tokens.append(FilterToken(kind: kind, range: position..<position + count))
        position += count
    }

    private mutating func readWord() throws(SCIMError) {
        var end = position
        while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
        guard end > position else { throw refusal("has a character that no filter contains") }
        append(.word, bytes: end - position)
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\""):
            false
        default: byte > 0x20 && byte < 0x7F || isLoose && byte >= 0x80
        }
    }

    /// A JSON number (RFC 8259 §6); in a loose filter, what only begins like one is a word.
    private mutating func readNumber() throws(SCIMError) {
        var end = position
        func digits() -> Bool {
            let start = end
            while end < bytes.count, bytes[end].isASCIIDigit { end += 1 }
            return end > start
        }
        if bytes[end] == UInt8(ascii: "-") { end += 1 }
        let hasLeadingZero = end < bytes.count && bytes[end] == UInt8(ascii: "0")
        let integerStart = end
        var isNumber = digits() && !(hasLeadingZero && end - integerStart > 1)
        if isNumber, end < bytes.count, bytes[end] == UInt8(ascii: ".") {
            end += 1
            isNumber = digits()
        }
        if isNumber, end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
            end += 1
            if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") {
                end += 1
            }
            isNumber = digits()
        }
        guard isNumber, end == bytes.count || !isWordByte(bytes[end]) else {
            if isLoose { return try readWord() }
            throw refusal("has a value that is neither a JSON number nor in quotes")
        }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        append(.number(JSONNumber(validated: text)), bytes: end - position)
    }

    /// A JSON string (RFC 8259 §7).
    private mutating func readString() throws(SCIMError) {
        var end = position + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            guard bytes[end] >= 0x20 else { throw refusal("has a control character in a string") }
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard end < bytes.count else { throw refusal("has a string without its closing quote") }
        guard let text = Self.unescape(bytes[position + 1..<end]) else {
            throw refusal("has a string with an escape that JSON does not know")
        }
        append(.string(text), bytes: end + 1 - position)
    }

    private static func unescape(_ content: ArraySlice<UInt8>) -> String? {
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        var text: [UInt8] = []
        var index = content.startIndex
        while index < content.endIndex {
            guard content[index] == UInt8(ascii: "\\") else {
                text.append(content[index])
                index += 1
                continue
            }
            guard index + 1 < content.endIndex else { return nil }
            let letter = content[index + 1]
            index += 2
            if letter == UInt8(ascii: "u") {
                guard let scalar = escapedScalar(content, &index) else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            } else {
                guard let byte = escapes[letter] else { return nil }
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    /// The scalar of `\uXXXX`, or of a surrogate pair of two; a lone surrogate is none.
    private static func escapedScalar(_ content: ArraySlice<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
        guard let high = hexadecimal(content, &index) else { return nil }
        guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) }
        guard index + 1 < content.endIndex, content[index] == UInt8(ascii: "\\"),
            content[index + 1] == UInt8(ascii: "u")
        else { return nil }
        index += 2
        guard let low = hexadecimal(content, &index), (0xDC00...0xDFFF).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    private static func hexadecimal(_ content: ArraySlice<UInt8>, _ index: inout Int) -> UInt32? {
        guard index + 4 <= content.endIndex, content[index..<index + 4].allSatisfy(\.isASCIIHexDigit) else {
            return nil
        }
        defer { index += 4 }
        return UInt32(String(decoding: content[index..<index + 4], as: UTF8.self), radix: 16)
    }

    private func refusal(_ what: String) -> SCIMError {
        SCIMError(.invalidFilter, "The filter \(what), at byte \(position).")
    }
}

extension UInt8 {
    var isASCIIHexDigit: Bool {
        isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
