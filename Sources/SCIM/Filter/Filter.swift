import JSON

/// A filter as a tree (RFC 7644 §3.4.2.2); never deeper or larger than ``FilterLimits`` allow when it was
/// parsed.
///
/// The tree is n-ary: a chain of `and` is one node, so that a long filter is wide and not deep.
package indirect enum Filter: Sendable, Equatable {
    /// Two or more conditions that must all hold; none of them is itself an `and`.
    case and([Filter])
    /// Two or more conditions of which one must hold; none of them is itself an `or`.
    case or([Filter])
    case not(Filter)
    /// `emails[type eq "work"]`: one value of the attribute fulfils the whole inner filter.
    case valuePath(AttributePath, Filter)
    case comparison(AttributePath, Operator, Literal)
    /// `pr`: the attribute has a value.
    case present(AttributePath)

    /// The comparing operators; `pr` compares nothing and is a case of its own.
    package enum Operator: String, Sendable, CaseIterable {
        case eq, ne, co, sw, ew, gt, ge, lt, le

        init?(anyCase word: String) {
            guard word.utf8.count == 2 else { return nil }
            self.init(rawValue: word.lowercased())
        }
    }

    /// What an attribute is compared with: `compValue`, a JSON scalar.
    package enum Literal: Sendable, Equatable {
        case string(String)
        case number(JSONNumber)
        case bool(Bool)
        case null

        package static func == (left: Literal, right: Literal) -> Bool {
            switch (left, right) {
            case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
            case (.number(let a), .number(let b)): a == b
            case (.bool(let a), .bool(let b)): a == b
            case (.null, .null): true
            default: false
            }
        }
    }

    /// Joins conditions with `and`, in one node.
    static func all(_ filters: [Filter]) -> Filter {
        let flat = filters.flatMap { if case .and(let inner) = $0 { inner } else { [$0] } }
        return flat.count == 1 ? flat[0] : .and(flat)
    }

    /// Joins conditions with `or`, in one node.
    static func any(_ filters: [Filter]) -> Filter {
        let flat = filters.flatMap { if case .or(let inner) = $0 { inner } else { [$0] } }
        return flat.count == 1 ? flat[0] : .or(flat)
    }
}

/// Bounds of a filter, checked before any of it becomes a tree.
package enum FilterLimits {
    /// The longest filter, in bytes of UTF-8 after percent-decoding.
    package static let bytesMax = 4_096
    /// How deep parentheses and brackets may nest.
    package static let depthMax = 32
    /// The most nodes: every comparison, `pr`, `not`, value path and pair of parentheses is one.
    package static let nodesMax = 256
    /// What looking for the resources, or the members of a group, that filters select may cost at most, in units of
    /// ``WorkBudget``: about forty seconds of a processor.
    package static let workMax = 4_000_000_000
    /// How many members a group may have for a filter to look at all of them, and on an event loop.
    package static let membersMax = 20_000
    package static let membersOnLoopMax = 500
    /// What looking at one of them may cost on an event loop: about a millisecond.
    package static let workOnLoopMax = 100_000
}
