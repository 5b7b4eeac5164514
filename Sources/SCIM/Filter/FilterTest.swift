import JSON

/// A comparison with its literal already converted, so that testing a resource prepares as little as
/// possible.
enum FilterTest: Sendable {
    case isPresent(Bool)
    /// `ne` holds where the value is not identical, also where there is none.
    case text(Filter.Operator, PreparedText)
    case boolean(Bool, isEqual: Bool)
    case number(Filter.Operator, JSONNumber)
    case time(Filter.Operator, Timestamp)

    var isAboutPresence: Bool { if case .isPresent = self { true } else { false } }

    /// The outcome of `pr` or `eq null`, given whether any value is there.
    func holds(_ anyIsPresent: Bool) -> Bool {
        if case .isPresent(let wanted) = self { anyIsPresent == wanted } else { false }
    }

    /// Whether a value counts as one: not null, not `""`, not empty (RFC 7644 §3.4.2.2 `pr`, RFC 7643 §2.5).
    static func isPresent(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null: false
        case .string(let text): !text.isEmpty
        case .object(let object): object.members.contains { isPresent($0.value) }
        case .array(let elements): elements.contains { isPresent($0) }
        case .bool, .number: true
        }
    }

    func holds(_ value: JSONValue?) -> Bool {
        switch (self, value) {
        case (.text(let comparison, let literal), .string(let text)): literal.compare(text, comparison)
        case (.boolean(let flag, let isEqual), .bool(let value)): (flag == value) == isEqual
        case (.number(let comparison, let literal), .number(let value)):
            Self.compare(value, comparison, literal)
        case (.time(let comparison, let literal), .string(let text)):
            Timestamp(dateTime: text).map { comparison.holds($0, literal) } ?? (comparison == .ne)
        case (.boolean(_, let isEqual), _): !isEqual
        case (.text(let comparison, _), _), (.number(let comparison, _), _), (.time(let comparison, _), _):
            comparison == .ne
        case (.isPresent, _): false
        }
    }

    private static func compare(
        _ value: JSONNumber,
        _ comparison: Filter.Operator,
        _ literal: JSONNumber
    ) -> Bool {
        if let a = value.int64, let b = literal.int64 { return comparison.holds(a, b) }
        return comparison.holds(value.double, literal.double)
    }
}

extension Filter.Operator {
    /// Applies an equality or ordering; the substring operators hold for nothing here.
    func holds<T: Comparable>(_ value: T, _ literal: T) -> Bool {
        switch self {
        case .eq: value == literal
        case .ne: value != literal
        case .gt: value > literal
        case .ge: value >= literal
        case .lt: value < literal
        case .le: value <= literal
        case .co, .sw, .ew: false
        }
    }
}

/// The text of a literal in the form that its attribute is compared in.
struct PreparedText: Sendable {
    private let caseExact: Bool
    private let text: String

    init(_ text: String, caseExact: Bool) {
        self.caseExact = caseExact
        self.text = caseExact ? text : CasePreparation.prepare(text)
    }

    /// Compares a resource's text with the literal; orderings are by code point, without a locale.
    func compare(_ value: String, _ comparison: Filter.Operator) -> Bool {
        if caseExact { return compareBytes(value, comparison, folding: false) }
        // Only ASCII can be compared without preparing it, since its preparation is its lower case.
        return value.utf8.allSatisfy { $0 < 0x80 }
            ? compareBytes(value, comparison, folding: true)
            : compareBytes(CasePreparation.prepare(value), comparison, folding: false)
    }

    private func compareBytes(_ value: String, _ comparison: Filter.Operator, folding: Bool) -> Bool {
        let (value, literal) = (value.utf8, text.utf8)
        return Self.compare(value.span, comparison, with: literal.span, folding: folding)
    }

    private static func compare(
        _ value: Span<UInt8>,
        _ comparison: Filter.Operator,
        with literal: Span<UInt8>,
        folding: Bool
    ) -> Bool {
        switch comparison {
        case .eq: value.count == literal.count && has(literal, in: value, at: 0, folding: folding)
        case .ne: !(value.count == literal.count && has(literal, in: value, at: 0, folding: folding))
        case .sw: has(literal, in: value, at: 0, folding: folding)
        case .ew: has(literal, in: value, at: value.count - literal.count, folding: folding)
        case .co: contains(literal, in: value, folding: folding)
        case .gt, .ge, .lt, .le: comparison.holds(order(value, literal, folding: folding), 0)
        }
    }

    private static func has(
        _ literal: Span<UInt8>,
        in value: Span<UInt8>,
        at offset: Int,
        folding: Bool
    ) -> Bool {
        guard offset >= 0, offset + literal.count <= value.count else { return false }
        for index in literal.indices where fold(value[offset + index], folding: folding) != literal[index] {
            return false
        }
        return true
    }

    private static func contains(_ literal: Span<UInt8>, in value: Span<UInt8>, folding: Bool) -> Bool {
        guard literal.count <= value.count else { return false }
        for offset in 0...value.count - literal.count
        where has(literal, in: value, at: offset, folding: folding) {
            return true
        }
        return false
    }

    /// Below, at or above zero as the value sorts before, with or after the literal.
    private static func order(_ value: Span<UInt8>, _ literal: Span<UInt8>, folding: Bool) -> Int {
        for index in 0..<min(value.count, literal.count) {
            let byte = fold(value[index], folding: folding)
            if byte != literal[index] { return byte < literal[index] ? -1 : 1 }
        }
        return value.count - literal.count
    }

    private static func fold(_ byte: UInt8, folding: Bool) -> UInt8 {
        folding && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
