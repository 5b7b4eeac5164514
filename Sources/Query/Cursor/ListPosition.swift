import Storage

/// Where the page that a cursor asks for lies in its list: by what stands beside it, never by a number, so that the page
/// stays where it is while others come and go.
///
/// ```
///   … ──────────[ page ]             [ page ]────────── …
///           before(place)           after(place)          start: the first page
/// ```
package struct ListPosition: Sendable {
    enum Edge: Sendable {
        case start
        case after(ListPlace)
        case before(ListPlace)
    }

    let edge: Edge

    /// The first page.
    package static let start = ListPosition(edge: .start)

    /// The place beside the page; nil for the first page.
    var place: ListPlace? {
        switch edge {
        case .start: nil
        case .after(let place), .before(let place): place
        }
    }

    /// Whether the page ends at the place, so that it is the last matches before that which belong to it.
    var isBackward: Bool { if case .before = edge { true } else { false } }

    /// Whether what stands at a place lies on the page's side.
    func admits(_ other: ListPlace, descending: Bool) -> Bool {
        switch edge {
        case .start: true
        case .after(let place): place.precedes(other, descending: descending)
        case .before(let place): other.precedes(place, descending: descending)
        }
    }

    /// The page that follows an empty page at this position, or comes before it, and includes the place beside it.
    var turned: ListPosition {
        switch edge {
        case .start: self
        case .after(let place): ListPosition(edge: .before(place.moved(by: 1)))
        case .before(let place): ListPosition(edge: .after(place.moved(by: -1)))
        }
    }
}

extension ListPlace {
    /// The place of the next id or the one before, which no other place lies between.
    fileprivate func moved(by step: Int) -> ListPlace {
        ListPlace(key: key, part: part, id: step > 0 ? id.successor : id.predecessor ?? id)
    }
}

extension UniqueID {
    /// The next id in order; the last one stays.
    fileprivate var successor: UniqueID {
        guard low == .max else { return UniqueID(high: high, low: low + 1) }
        return high == .max ? self : UniqueID(high: high + 1, low: 0)
    }
}
