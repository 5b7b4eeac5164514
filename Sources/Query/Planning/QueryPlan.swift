import Storage
import Tenancy

/// The plan for a part of a query: which resources are looked at.
enum QueryPlan: Sendable {
    /// These and no others can match, in the order of their ids, which is the order of their creation. If they all do, the filter
    /// need not be evaluated.
    case candidates([UniqueID], allMatch: Bool)
    /// These and no others match, in the order of their ids; if time has passed since indexes named them, what is shown is
    /// evaluated again.
    case matches([UniqueID], areFresh: Bool)
    /// The resources of some rows, which are in the order of their ids.
    case walk(IDRows)
    /// The resources of rows in another order, whose ids are being collected.
    case gather(Gathering)
    /// The resources of an index in the order of the list, which ends with its page.
    case order(OrderedList)

    /// The counter of all that match, if there is one.
    var counter: Key? {
        switch self {
        case .walk(let rows): rows.counter
        case .order(let list): list.counter
        case .candidates, .matches, .gather: nil
        }
    }
}

/// A sorted list that an index has in its order: those that have a value, and then those that have none.
struct OrderedList: Sendable {
    /// Nil behind those that have a value.
    var rows: OrderedRows?
    /// Whether some resources may have no value.
    let endsWithMissing: Bool
    /// The last resource without a value that comes before the page.
    let lastMissing: UniqueID?
    let counter: Key?
}

/// Rows whose keys are a prefix and an id: the records of a kind, the index rows of one value, or the members of a group.
struct IDRows: Sendable {
    let prefix: Key
    /// Whether the resource of each row matches; otherwise the filter is evaluated.
    let allMatch: Bool
    /// The counter of the rows, if there is one.
    let counter: Key?
    /// The set of memberships whose edges the rows are.
    var set: UniqueID?
    /// Whether the rows are the records.
    var areRecords = false
    /// Between which ids the rows lie; nil for all.
    var bounds: IDBounds?

    /// Whether each row stands for a resource of the kind; an edge may lead to another kind.
    var areCertain: Bool { self.set == nil }

    /// The key of an id's row.
    func key(_ id: UniqueID) -> Key { prefix.with(id) }

    /// The key from which the rows are walked that lie behind an id, whose own may be the first; nil for the first of all.
    func start(behind last: UniqueID?) -> Key? {
        guard let first = bounds?.first else { return last.map(key) }
        return key(last.map { max($0, first) } ?? first)
    }

    /// The key before which all rows lie; nil behind the last of all.
    var end: Key? { (bounds?.last).map { Key(key($0).bytes + [0]) } }
}
