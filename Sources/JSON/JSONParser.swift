// RFC 8259 §2 to §7. One pass over the bytes without recursion; each byte is looked at a bounded number of times.

/// Turns a text into the nodes of a ``JSONDocument``.
struct JSONParser {
    private(set) var nodes: [JSONDocument.Node] = []
    private let limits: JSONLimits
    private var position = 0
    /// The containers that are open, outermost first; never more than the depth limit.
    private var open: [Int] = []

    /// Objects with more members than this are checked for duplicates by a set of names.
    private static let comparedPairwiseMax = 16

    init(limits: JSONLimits, capacity: Int) {
        self.limits = limits
        nodes.reserveCapacity(capacity)
        open.reserveCapacity(8)
    }

    /// Parses one value with white space around it, and nothing else.
    mutating func parse(_ text: Span<UInt8>) throws(JSONError) {
        skipSpace(text)
        try value(text)
        while let container = open.last {
            skipSpace(text)
            if nodes[container].kind == .object {
                try objectGoesOn(container, text)
            } else {
                try arrayGoesOn(container, text)
            }
        }
        skipSpace(text)
        guard position == text.count else { throw JSONError(.syntax, at: position) }
    }

    // MARK: Containers

    /// After a value in an array: the next element or the end.
    private mutating func arrayGoesOn(_ container: Int, _ text: Span<UInt8>) throws(JSONError) {
        let byte = try current(text)
        if nodes.count == container + 1 {
            if byte == UInt8(ascii: "]") { return close(container) }
            return try value(text)
        }
        switch byte {
        case UInt8(ascii: ","):
            position += 1
            skipSpace(text)
            try value(text)
        case UInt8(ascii: "]"):
            close(container)
        default:
            throw JSONError(.syntax, at: position)
        }
    }

    /// After a value in an object: the next member or the end.
    private mutating func objectGoesOn(_ container: Int, _ text: Span<UInt8>) throws(JSONError) {
        let byte = try current(text)
        if nodes.count == container + 1 {
            if byte == UInt8(ascii: "}") { return close(container) }
            return try member(text)
        }
        switch byte {
        case UInt8(ascii: ","):
            position += 1
            skipSpace(text)
            try member(text)
        case UInt8(ascii: "}"):
            try refuseDuplicates(container, text)
            close(container)
        default:
            throw JSONError(.syntax, at: position)
        }
    }

    private mutating func member(_ text: Span<UInt8>) throws(JSONError) {
        guard try current(text) == UInt8(ascii: "\"") else { throw JSONError(.syntax, at: position) }
        try string(text)
        skipSpace(text)
        guard try current(text) == UInt8(ascii: ":") else { throw JSONError(.syntax, at: position) }
        position += 1
        skipSpace(text)
        try value(text)
    }

    private mutating func begin(_ kind: JSONDocument.Kind) throws(JSONError) {
        guard open.count < limits.depthMax else { throw JSONError(.tooDeep, at: position) }
        open.append(nodes.count)
        append(kind, position..<position)
        position += 1
    }

    private mutating func close(_ container: Int) {
        position += 1
        nodes[container].next = UInt32(nodes.count)
        open.removeLast()
    }

    // MARK: Values

    /// A scalar as a whole, or the beginning of a container.
    private mutating func value(_ text: Span<UInt8>) throws(JSONError) {
        switch try current(text) {
        case UInt8(ascii: "\""): try string(text)
        case UInt8(ascii: "{"): try begin(.object)
        case UInt8(ascii: "["): try begin(.array)
        case UInt8(ascii: "t"): try literal("true", .true, text)
        case UInt8(ascii: "f"): try literal("false", .false, text)
        case UInt8(ascii: "n"): try literal("null", .null, text)
        default: try number(text)
        }
    }

    private mutating func literal(
        _ word: String,
        _ kind: JSONDocument.Kind,
        _ text: Span<UInt8>
    ) throws(JSONError) {
        let start = position
        for byte in word.utf8 {
            guard try current(text) == byte else { throw JSONError(.syntax, at: position) }
            position += 1
        }
        append(kind, start..<position)
    }

    private mutating func number(_ text: Span<UInt8>) throws(JSONError) {
        let start = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if try current(text) == UInt8(ascii: "0") { position += 1 } else { try digits(text) }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try digits(text)
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = try current(text)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits(text)
        }
        append(.number, start..<position)
    }

    /// One digit or more.
    private mutating func digits(_ text: Span<UInt8>) throws(JSONError) {
        let start = position
        while position < text.count, text[position] &- 0x30 < 10 { position += 1 }
        guard position > start else {
            throw JSONError(position < text.count ? .syntax : .unexpectedEnd, at: position)
        }
    }

    /// A string; its node holds what is between the quotes, still escaped.
    private mutating func string(_ text: Span<UInt8>) throws(JSONError) {
        position += 1
        let start = position
        var hasEscapes = false
        var index = position
        let count = text.count
        while index < count {
            let byte = text[index]
            if byte == UInt8(ascii: "\"") {
                append(.string, start..<index, hasEscapes: hasEscapes)
                position = index + 1
                return
            }
            if byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") {
                index += 1
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index = try Self.escape(text, at: index)
            } else if byte >= 0x80 {
                index += try Self.sequenceLength(text, at: index)
            } else {
                throw JSONError(.syntax, at: index)
            }
        }
        throw JSONError(.unexpectedEnd, at: count)
    }

    private mutating func append(_ kind: JSONDocument.Kind, _ content: Range<Int>, hasEscapes: Bool = false) {
        nodes.append(
            JSONDocument.Node(
                kind: kind,
                hasEscapes: hasEscapes,
                start: UInt32(content.lowerBound),
                end: UInt32(content.upperBound),
                next: UInt32(nodes.count + 1)
            )
        )
    }

    private func current(_ text: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard position < text.count else { throw JSONError(.unexpectedEnd, at: position) }
        return text[position]
    }

    private mutating func skipSpace(_ text: Span<UInt8>) {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}

// MARK: - Duplicate names

extension JSONParser {
    /// Refuses an object that names a member twice, after unescaping (RFC 8259 §4 leaves such objects undefined).
    private func refuseDuplicates(_ container: Int, _ text: Span<UInt8>) throws(JSONError) {
        var names: [Int] = []
        var index = container + 1
        while index < nodes.count {
            names.append(index)
            index = Int(nodes[index + 1].next)
        }
        if names.count <= Self.comparedPairwiseMax, !names.contains(where: { nodes[$0].hasEscapes }) {
            for (position, name) in names.enumerated() {
                for other in names[..<position] where isSame(nodes[name], nodes[other], text) {
                    throw JSONError(.duplicateMember, at: Int(nodes[name].start))
                }
            }
            return
        }
        var seen: Set<[UInt8]> = []
        for name in names {
            let node = nodes[name]
            let content = text.extracting(Int(node.start)..<Int(node.end))
            guard seen.insert(Self.unescape(content)).inserted else {
                throw JSONError(.duplicateMember, at: Int(node.start))
            }
        }
    }

    private func isSame(_ a: JSONDocument.Node, _ b: JSONDocument.Node, _ text: Span<UInt8>) -> Bool {
        guard a.end - a.start == b.end - b.start else { return false }
        var (left, right) = (Int(a.start), Int(b.start))
        while left < Int(a.end) {
            guard text[left] == text[right] else { return false }
            left += 1
            right += 1
        }
        return true
    }
}

// MARK: - Strings

extension JSONParser {
    /// Checks the escape at `index` (a surrogate pair is one) and returns where the text goes on.
    private static func escape(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        guard index + 1 < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        switch text[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            let unit = try codeUnit(text, at: index)
            switch unit {
            case 0xD800..<0xDC00:
                let second = index + 6
                guard second + 1 < text.count, text[second] == UInt8(ascii: "\\"),
                    text[second + 1] == UInt8(ascii: "u"),
                    (0xDC00..<0xE000).contains(try codeUnit(text, at: second))
                else { throw JSONError(.loneSurrogate, at: index) }
                return second + 6
            case 0xDC00..<0xE000: throw JSONError(.loneSurrogate, at: index)
            default: return index + 6
            }
        default:
            throw JSONError(.syntax, at: index + 1)
        }
    }

    /// The four digits of the `\uXXXX` at `index`.
    private static func codeUnit(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> UInt32 {
        guard index + 6 <= text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        var value: UInt32 = 0
        for position in index + 2..<index + 6 {
            guard let digit = hexDigit(text[position]) else { throw JSONError(.syntax, at: position) }
            value = value << 4 | digit
        }
        return value
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    /// The length of the UTF-8 sequence at `index` (RFC 3629 §4: no overlong forms, no surrogates, at most U+10FFFF).
    private static func sequenceLength(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        let first = text[index]
        let (length, low, high): (Int, UInt8, UInt8) =
            switch first {
            case 0xC2...0xDF: (2, 0x80, 0xBF)
            case 0xE0: (3, 0xA0, 0xBF)
            case 0xED: (3, 0x80, 0x9F)
            case 0xE1...0xEF: (3, 0x80, 0xBF)
            case 0xF0: (4, 0x90, 0xBF)
            case 0xF1...0xF3: (4, 0x80, 0xBF)
            case 0xF4: (4, 0x80, 0x8F)
            default: (0, 0, 0)
            }
        guard length > 0, index + length <= text.count, (low...high).contains(text[index + 1]) else {
            throw JSONError(.invalidUTF8, at: index)
        }
        for position in index + 2..<max(index + 2, index + length) where text[position] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: index)
        }
        return length
    }

    /// The bytes that a string's content stands for; the content has been checked.
    static func unescape(_ content: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var index = 0
        while index < content.count {
            let byte = content[index]
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                index += 1
                continue
            }
            switch content[index + 1] {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(content, at: index)
                if (0xD800..<0xDC00).contains(scalar) {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (unit(content, at: index + 6) - 0xDC00)
                    index += 6
                }
                if let scalar = Unicode.Scalar(scalar) {
                    result.append(contentsOf: UTF8.encode(scalar) ?? .init())
                }
                index += 4
            case let other: result.append(other)
            }
            index += 2
        }
        return result
    }

    private static func unit(_ content: Span<UInt8>, at index: Int) -> UInt32 {
        var value: UInt32 = 0
        for position in index + 2..<index + 6 { value = value << 4 | (hexDigit(content[position]) ?? 0) }
        return value
    }
}
