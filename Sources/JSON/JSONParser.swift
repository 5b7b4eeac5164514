// RFC 8259 §2 to §6. One pass over the bytes without recursion; each byte is looked at a bounded number of times.

/// Turns a text into the nodes of a ``JSONDocument``.
///
/// The open containers need no stack of their own: until a container is closed, its node's `next` holds the container
/// around it.
struct JSONParser {
    private(set) var nodes: [JSONDocument.Node] = []
    private let depthMax: Int
    /// The innermost open container; meaningless at depth 0.
    private var container = 0
    private var depth = 0

    init(depthMax: Int, textBytes: Int) {
        self.depthMax = depthMax
        // A SCIM message has a node for about every 11 bytes; other texts make the list grow.
        nodes.reserveCapacity(textBytes / 11 + 8)
    }

    /// Parses one value with white space around it, and nothing else but a byte order mark in front.
    mutating func parse(_ text: Span<UInt8>) throws(JSONError) {
        var index = Self.skipSpace(text, from: JSONText.endOfByteOrderMark(text))
        repeat {
            index = try value(text, at: index)
        } while try nextValue(text, from: &index)
        guard index == text.count else { throw JSONError(.syntax, at: index) }
    }

    // MARK: Containers

    /// Closes what ends at `index`; then moves `index` to the next value, and returns false if there is none.
    @inline(__always)
    private mutating func nextValue(_ text: Span<UInt8>, from index: inout Int) throws(JSONError) -> Bool {
        while true {
            index = Self.skipSpace(text, from: index)
            guard depth > 0 else { return false }
            let isObject = nodes[container].kind == .object
            let isEmpty = nodes.count == container + 1
            let byte = try Self.byte(text, at: index)
            if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                if isObject { try refuseDuplicateNames(in: container, text) }
                index += 1
                close(at: index)
                continue
            }
            if !isEmpty {
                guard byte == UInt8(ascii: ",") else { throw JSONError(.syntax, at: index) }
                index = Self.skipSpace(text, from: index + 1)
            }
            if isObject { index = try name(text, at: index) }
            return true
        }
    }

    /// A member's name and the colon; returns where its value begins.
    @inline(__always)
    private mutating func name(_ text: Span<UInt8>, at start: Int) throws(JSONError) -> Int {
        guard try Self.byte(text, at: start) == UInt8(ascii: "\"") else {
            throw JSONError(.syntax, at: start)
        }
        let index = Self.skipSpace(text, from: try string(text, at: start))
        guard try Self.byte(text, at: index) == UInt8(ascii: ":") else { throw JSONError(.syntax, at: index) }
        return Self.skipSpace(text, from: index + 1)
    }

    @inline(__always)
    private mutating func open(_ kind: JSONDocument.Kind, at index: Int) throws(JSONError) {
        guard depth < depthMax else { throw JSONError(.tooDeep, at: index) }
        depth += 1
        let around = container
        container = nodes.count
        append(kind, index..<index, next: around)
    }

    @inline(__always)
    private mutating func close(at end: Int) {
        let around = Int(nodes[container].next)
        nodes[container].end = UInt32(truncatingIfNeeded: end)
        nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
        container = around
        depth -= 1
    }

    // MARK: Values

    /// A scalar as a whole, or the beginning of a container; returns where the text goes on.
    @inline(__always)
    private mutating func value(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        switch try Self.byte(text, at: index) {
        case UInt8(ascii: "\""):
            return try string(text, at: index)
        case UInt8(ascii: "{"):
            try open(.object, at: index)
            return index + 1
        case UInt8(ascii: "["):
            try open(.array, at: index)
            return index + 1
        case UInt8(ascii: "t"):
            return try literal("true", as: .true, text, at: index)
        case UInt8(ascii: "f"):
            return try literal("false", as: .false, text, at: index)
        case UInt8(ascii: "n"):
            return try literal("null", as: .null, text, at: index)
        default:
            return try number(text, at: index)
        }
    }

    private mutating func literal(
        _ word: StaticString,
        as kind: JSONDocument.Kind,
        _ text: Span<UInt8>,
        at start: Int
    ) throws(JSONError) -> Int {
        var index = start
        for byte in word.description.utf8 {
            guard try Self.byte(text, at: index) == byte else { throw JSONError(.syntax, at: index) }
            index += 1
        }
        append(kind, start..<index)
        return index
    }

    private mutating func number(_ text: Span<UInt8>, at start: Int) throws(JSONError) -> Int {
        var index = start
        if text[index] == UInt8(ascii: "-") { index += 1 }
        if try Self.byte(text, at: index) == UInt8(ascii: "0") {
            index += 1
        } else {
            index = try Self.digits(text, from: index)
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index = try Self.digits(text, from: index + 1)
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = try Self.byte(text, at: index)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            index = try Self.digits(text, from: index)
        }
        append(.number, start..<index, isASCII: true)
        return index
    }

    /// One digit or more.
    private static func digits(_ text: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
        var index = start
        while index < text.count, text[index] &- UInt8(ascii: "0") < 10 { index += 1 }
        guard index > start else { throw JSONError(index < text.count ? .syntax : .unexpectedEnd, at: index) }
        return index
    }

    /// A string; its node holds what is between the quotation marks, still escaped.
    @inline(__always)
    private mutating func string(_ text: Span<UInt8>, at start: Int) throws(JSONError) -> Int {
        let end = JSONText.endOfPlainASCII(text, from: start + 1)
        guard end < text.count, text[end] == UInt8(ascii: "\"") else {
            return try string(text, at: start, checkedUntil: end)
        }
        append(.string, start + 1..<end, isASCII: true)
        return end + 1
    }

    /// A string that has more than plain ASCII, or does not end.
    @inline(never)
    private mutating func string(
        _ text: Span<UInt8>,
        at start: Int,
        checkedUntil: Int
    ) throws(JSONError) -> Int {
        var index = checkedUntil
        var hasEscapes = false
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""):
                append(.string, start + 1..<index, hasEscapes: hasEscapes)
                return index + 1
            case UInt8(ascii: "\\"):
                hasEscapes = true
                index = try JSONText.endOfEscape(text, at: index)
            case 0x80...:
                index += try JSONText.sequenceLength(text, at: index)
            case ..<0x20:
                throw JSONError(.syntax, at: index)
            default:
                index = JSONText.endOfPlainASCII(text, from: index)
            }
        }
        throw JSONError(.unexpectedEnd, at: text.count)
    }

    // MARK: Helpers

    @inline(__always)
    private mutating func append(
        _ kind: JSONDocument.Kind,
        _ range: Range<Int>,
        hasEscapes: Bool = false,
        isASCII: Bool = false,
        next: Int? = nil
    ) {
        nodes.append(
            JSONDocument.Node(
                kind: kind,
                hasEscapes: hasEscapes,
                isASCII: isASCII,
                // A text is smaller than 4 GiB, and has fewer nodes than bytes.
                start: UInt32(truncatingIfNeeded: range.lowerBound),
                end: UInt32(truncatingIfNeeded: range.upperBound),
                next: UInt32(truncatingIfNeeded: next ?? nodes.count + 1)
            )
        )
    }

    @inline(__always)
    private static func byte(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> UInt8 {
        guard index < text.count else { throw JSONError(.unexpectedEnd, at: index) }
        return text[index]
    }

    @inline(__always)
    private static func skipSpace(_ text: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < text.count, text[index] <= 0x20 {
            guard [0x20, 0x0A, 0x0D, 0x09].contains(text[index]) else { break }
            index += 1
        }
        return index
    }
}
