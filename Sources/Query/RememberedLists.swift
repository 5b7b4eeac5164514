import Locking
import SCIM
import Storage
import Tenancy

/// Where pages of lists have ended, and how long the lists are, so that the next page need not look at what lies before it.
///
/// ```
/// list ├──────────┼──────────┼───────▲──┼──────────┼─────────┤ total
///             milestones        end of a page
/// ```
///
/// What is remembered is good for the state of the tenant's resources in which it was found, and for no other
/// (``StoreSnapshot/state(of:)``). So a page that begins at a place shows what counting would have shown. What is forgotten costs a look
/// at all that comes before.
final class RememberedLists: Sendable {
    /// Lists that are remembered, of all tenants together and of one; beyond, those go that were remembered first.
    static let listsMax = 256
    static let listsOfTenantMax = 32
    /// Ends of pages of one list: as many clients may walk through it.
    static let endsMax = 16
    /// Places on the way of one list, by which others find their page.
    static let milestonesMax = 32
    /// Bytes of what names a list; one that has more is not remembered.
    static let nameBytesMax = 1_024

    /// What tells a list from others.
    final class List: Hashable, Sendable {
        let tenant: UInt32
        private let kind: UInt8
        /// The filter as it was asked for, and what the list is sorted by.
        private let filter: String?
        private let order: [String]
        private let isDescending: Bool
        /// What else decides on the meaning of a filter.
        private let profile: Profile
        private let schemas: CommitVersion?
        private let baseURL: String

        /// Nil if the list is not to be remembered.
        init?(_ query: ResourceQuery, _ page: ResourceQuery.Page) {
            let part = query.first
            let length = (part.text?.utf8.count ?? 0) + query.baseURL.utf8.count
            guard page.cursor == nil, query.part(1) == nil, (part.text == nil) == (part.filter == nil),
                length <= RememberedLists.nameBytesMax
            else { return nil }
            tenant = query.tenant
            kind = part.kind.code
            filter = part.text
            order = part.sort?.names ?? []
            isDescending = page.direction == .descending
            profile = query.access.profile
            schemas = query.access.kinds.head
            baseURL = query.baseURL
        }

        static func == (left: List, right: List) -> Bool {
            left === right
                || left.tenant == right.tenant && left.kind == right.kind && left.filter == right.filter
                    && left.order == right.order && left.isDescending == right.isDescending
                    && left.profile == right.profile && left.schemas == right.schemas
                    && left.baseURL == right.baseURL
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(tenant)
            hasher.combine(kind)
            hasher.combine(filter)
            hasher.combine(order)
        }
    }

    /// A place of a list.
    enum Mark: Sendable {
        /// Behind a resource, in the order of ids.
        case id(UniqueID)
        /// In the order of an index; behind a resource without a value there.
        case order(OrderedRows.Place)
        case missing(UniqueID)
    }

    struct Place: Sendable {
        /// How many resources of the list lie before it.
        let matched: Int
        let mark: Mark
    }

    /// What is known of a list in one state.
    struct Known: Sendable {
        let state: UInt64
        let total: Int
        /// The latest last.
        var ends: [Place] = []
        /// In the order of the list.
        var milestones: [Place] = []

        mutating func add(_ end: Place?, _ found: [Place]) {
            if let end, end.matched > 0 {
                ends.removeAll { $0.matched == end.matched }
                ends.append(end)
                if ends.count > RememberedLists.endsMax { ends.removeFirst() }
            }
            guard !found.isEmpty else { return }
            var all: [Place] = []
            for place in (milestones + found).sorted(by: { $0.matched < $1.matched })
            where place.matched > all.last?.matched ?? 0 {
                all.append(place)
            }
            while all.count > RememberedLists.milestonesMax { all.thin() }
            milestones = all
        }

        /// The last place with at most so many resources before it.
        func place(before: Int) -> Place? {
            (ends + milestones).filter { $0.matched <= before }.max { $0.matched < $1.matched }
        }
    }

    fileprivate struct State {
        var known: [List: Known] = [:]
        /// The lists, the one first that was remembered first.
        var order: [List] = []
    }

    private let state = Locked(State())

    /// How many resources a list has in a state, and the last place with at most so many before it; nil if it is not known.
    func recall(_ list: List, in state: UInt64, before: Int) -> (total: Int, place: Place?)? {
        let known = self.state.withLock { $0.known[list] }
        guard let known, known.state == state else { return nil }
        return (known.total, known.place(before: before))
    }

    /// Remembers what a page has found of a list in a state.
    func remember(_ list: List, in state: UInt64, total: Int, end: Place?, milestones: [Place]) {
        self.state.withLock { all in
            var known = Known(state: state, total: total)
            if let former = all.known[list] {
                // A page of an older state that has taken long says nothing of the present one.
                guard former.state <= state else { return }
                if former.state == state { known = former }
            } else {
                all.order.append(list)
            }
            known.add(end, milestones)
            all.known[list] = known
            let ofTenant = all.order.count { $0.tenant == list.tenant }
            if ofTenant > Self.listsOfTenantMax {
                all.forget { $0.tenant == list.tenant }
            } else if all.order.count > Self.listsMax {
                all.forget { _ in true }
            }
        }
    }
}

extension RememberedLists.State {
    /// Forgets the first list that fulfils a condition.
    fileprivate mutating func forget(_ condition: (RememberedLists.List) -> Bool) {
        guard let index = order.firstIndex(where: condition) else { return }
        known[order.remove(at: index)] = nil
    }
}

extension [RememberedLists.Place] {
    /// Lets go of every second place.
    mutating func thin() {
        var index = 0
        removeAll { _ in
            index += 1
            return index % 2 == 1
        }
    }
}
