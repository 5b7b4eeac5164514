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

    /// Whether the value fulfils the test; takes what that costs out of the budget, and may be wrong if it is spent then.
    func holds(_ value: JSONValue?, _ budget: inout WorkBudget) -> Bool {
        budget.spend(WorkCost.value)
        guard !budget.isSpent else { return false }
        switch (self, value) {
        case (.text(let comparison, let literal), .string(let text)):
            return literal.compare(text, comparison, &budget)
        case (.boolean(let flag, let isEqual), .bool(let value)): return (flag == value) == isEqual
        case (.number(let comparison, let literal), .number(let value)):
            budget.spend(WorkCost.conversion + value.text.utf8.count)
            return Self.compare(value, comparison, literal)
        case (.time(let comparison, let literal), .string(let text)):
            budget.spend(WorkCost.conversion)
            return Timestamp(dateTime: text).map { comparison.holds($0, literal) } ?? (comparison == .ne)
        case (.boolean(_, let isEqual), _): return !isEqual
        case (.text(let comparison, _), _), (.number(let comparison, _), _), (.time(let comparison, _), _):
            return comparison == .ne
        case (.isPresent, _): return false
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
