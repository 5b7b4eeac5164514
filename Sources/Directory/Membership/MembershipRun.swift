import Audit
import JSON
import Locking
import SCIM
import Storage
import Tenancy

/// Turns a request's changes of members into a ``MembershipDelta``, in steps of bounded work.
///
/// ```
/// take the ids ─► put them in order ─► compare with the edges ─► count ─► delta
///      ▲                  │ remove by filter
///      └── look at all ◄──┘
/// ```
///
/// The changes apply in order, but only to the ids they name. A few take one step, which sees one state. A longer run may see
/// changes that come between its steps: what it rests on is a condition of the commit.
package struct MembershipRun {
    /// How much one step may do: an id or an edge costs 1, a look-up 8, an evaluated member 32.
    private static let stepBudget = 32_768
    private static let lookUpCost = 8
    private static let evaluationCost = 32
    /// Edges that are read at a time.
    private static let edgesPerReadMax = 1_024

    private enum Phase { case taking, settling, evaluating, comparing, counting, done }

    /// What is to be changed; whole once ``isDone``.
    package private(set) var delta = MembershipDelta()
    /// How many members there are afterwards, counted up to ``ResourceDirectory/membersAnsweredMax`` and one more.
    private(set) var memberCount = 0

    private let changes: [MemberChange]
    private let group: UniqueID
    /// The set that holds the group's memberships; until another is told, the one with the group's own id.
    package var set: UniqueID
    private let limits: MembershipLimits
    private let renderer: ResourceRenderer
    /// Whether the group does not exist yet, so that nothing needs to be read of it.
    private let isNew: Bool
    /// Whether ids of nobody are left out; else they are refused.
    private let leavesOutUnknown: Bool

    private var phase = Phase.taking
    private var budget = 0
    private var wishes = MembershipWishes()
    private var unknown = UnknownMembers()
    /// Whether members that no later change names go away.
    private var isCleared = false
    /// Whether they go because others were to take their place.
    private var isReplaced = false
    private var keptCount = 0

    /// The change that is being taken.
    private var change = 0
    /// How far in the ids of that change, or in the wishes.
    private var place = 0
    /// The edge to go on with; nil for the first one.
    private var nextEdge: UniqueID?
    private var sawEdges = false
    /// Whether some deleted resource of the tenant has not left all of its groups yet; nil until it is asked for in a step.
    private var sawLeaving: Bool?
    /// The wishes from before a removal by filter.
    private var earlierCount = 0

    package init(
        _ changes: [MemberChange],
        of group: UniqueID,
        _ renderer: ResourceRenderer,
        _ limits: MembershipLimits,
        isNew: Bool = false,
        leavesOutUnknown: Bool
    ) {
        self.changes = changes
        self.group = group
        set = group
        self.limits = limits
        self.renderer = renderer
        self.isNew = isNew
        self.leavesOutUnknown =
            leavesOutUnknown && !changes.contains { if case .exchange = $0 { true } else { false } }
        if renderer.kind.membersAttribute == nil { phase = .done }
    }

    private var tenant: UInt32 { renderer.tenant }

    /// Whether everybody goes who is not named.
    private var replacesAll: Bool { isCleared || isNew }

    var isDone: Bool { phase == .done }

    /// Works on for one step.
    ///
    /// - Throws: ``DirectoryError/rejected(_:)`` with `invalidValue` for a group in itself, and for ids of nobody unless they are
    ///   left out; it then tells all of them.
    mutating func advance(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        budget = Self.stepBudget
        sawLeaving = nil
        while budget > 0 {
            switch phase {
            case .taking: try take()
            case .settling: settle()
            case .evaluating: try evaluate(snapshot)
            case .comparing where replacesAll: try compareAll(snapshot)
            case .comparing: try compareNamed(snapshot)
            case .counting: try count(snapshot)
            case .done: return
            }
        }
    }
}

// MARK: - What is wanted

extension MembershipRun {
    private mutating func take() throws(DirectoryError) {
        guard change < changes.count else {
            phase = .settling
            return
        }
        switch changes[change] {
        case .add(let ids): try take(ids, areWanted: true)
        // An id that is no id of ours is nobody's member: removing it succeeds and changes nothing.
        case .remove(let ids): try take(ids, areWanted: false)
        case .removeAll:
            clear()
            isReplaced = false
            change += 1
        case .replaceAll(let ids):
            if place == 0 { clear() }
            isReplaced = true
            try take(ids, areWanted: true)
        case .exchange(let leaving, let wanted):
            if place == 0 {
                for id in leaving.texts.compactMap(UniqueID.init(text:)) {
                    wishes.append(id, isWanted: false, change: change)
                }
            }
            try take(wanted, areWanted: true)
        case .removeMatching:
            delta.restsOnAll = true
            phase = .settling
        }
    }

    private mutating func clear() {
        wishes.clear()
        unknown = UnknownMembers()
        isCleared = true
        delta.restsOnAll = true
    }

    private mutating func take(_ ids: MemberIDs, areWanted: Bool) throws(DirectoryError) {
        if place == 0 { wishes.reserveCapacity(wishes.count + ids.count) }
        let end = min(ids.count, place + budget)
        budget -= end - place
        while place < end {
            let id = ids.withUTF8(at: place) { UniqueID(text: $0) }
            place += 1
            guard let id else {
                if areWanted { unknown.addText() }
                continue
            }
            guard id != group || !areWanted else {
                throw .rejected(SCIMError(.invalidValue, "A group cannot be a member of itself."))
            }
            wishes.append(id, isWanted: areWanted, change: change)
        }
        guard end == ids.count else { return }
        place = 0
        change += 1
    }

    private mutating func settle() {
        guard wishes.settle(&budget) else { return }
        earlierCount = wishes.count
        phase = change < changes.count ? .evaluating : .comparing
    }

    /// Looks at the members after the changes so far, one by one, and removes those that a general filter selects.
    private mutating func evaluate(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard case .removeMatching(let filter) = changes[change] else {
            preconditionFailure("only a removal by filter looks at the members")
        }
        if !replacesAll, !sawEdges {
            let limit = min(Self.edgesPerReadMax, max(1, budget / Self.evaluationCost))
            for edge in try readEdges(limit, snapshot) { try evaluate(edge, filter, snapshot) }
        } else if place < earlierCount {
            let wish = wishes[place]
            place += 1
            budget -= Self.lookUpCost
            guard wish.isWanted, let kind = try kind(of: wish.id, snapshot) else { return }
            try evaluate(MemberEdge(member: wish.id, kind: kind), filter, snapshot)
        } else {
            begin(.taking)
            change += 1
        }
    }

    private mutating func evaluate(
        _ candidate: MemberEdge,
        _ filter: BoundFilter,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        budget -= Self.evaluationCost
        let element = try renderer.member(
            candidate.member,
            kindCode: candidate.kind,
            withDisplay: true,
            snapshot
        )
        guard filter.matches(element: .object(element)) else { return }
        wishes.append(candidate.member, isWanted: false, change: change)
    }
}

// MARK: - What differs

extension MembershipRun {
    /// What changes when only the named ids count.
    private mutating func compareNamed(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard place < wishes.count else { return try finishComparing() }
        let wish = wishes[place]
        budget -= Self.lookUpCost
        if try snapshot.holds(Edge(space: tenant, container: set, member: wish.id)) {
            if wish.isWanted { delta.kept.append(wish.id) } else { remove(wish.id) }
            place += 1
        } else {
            try lookUp(snapshot)
        }
    }

    /// What changes when everybody goes who is not named: the edges and the ids, both in order, side by side.
    private mutating func compareAll(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        if !isNew, !sawEdges {
            for edge in try readEdges(Self.edgesPerReadMax, snapshot) {
                while place < wishes.count, wishes[place].id < edge.member {
                    guard budget > 0 else {
                        (nextEdge, sawEdges) = (edge.member, false)
                        return
                    }
                    try lookUp(snapshot)
                }
                let isNamed = place < wishes.count && wishes[place].id == edge.member
                let isWanted = isNamed && wishes[place].isWanted
                if isWanted, try !isLeaving(edge.member, snapshot) {
                    wishes.note(.kept, kind: edge.kind, at: place)
                    keptCount += 1
                } else {
                    remove(edge.member)
                    if isWanted { noteUnknown() }
                }
                if isNamed { place += 1 }
            }
        } else if place < wishes.count {
            try lookUp(snapshot)
        } else {
            try finishComparing()
        }
    }

    /// Finds out about the next wish, whose id is that of no member.
    private mutating func lookUp(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        let wish = wishes[place]
        if wish.isWanted {
            budget -= Self.lookUpCost
            if let kind = try kind(of: wish.id, snapshot) {
                wishes.note(.added, kind: kind, at: place)
                delta.added.add(wish.id)
            } else {
                noteUnknown()
            }
        } else {
            if !replacesAll { delta.absent.append(wish.id) }
            budget -= 1
        }
        place += 1
    }

    /// The wish is for somebody who is not there.
    private mutating func noteUnknown() {
        unknown.add(wishes[place].id)
        wishes.note(.unknown, at: place)
    }

    /// Whether a member is deleted and only has not left all of its groups yet, so that it is in no set that is new.
    private mutating func isLeaving(
        _ member: UniqueID,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> Bool {
        if sawLeaving == nil { sawLeaving = try snapshot.isAnybodyLeaving(tenant: tenant) }
        guard sawLeaving == true else { return false }
        budget -= Self.lookUpCost
        return try snapshot.row(Keys.leavingMember(tenant, member)) { _, _ in true } ?? false
    }

    private mutating func remove(_ id: UniqueID) {
        delta.removed.add(id)
        // Beyond what a commit names, all who stay are linked in a new set.
        if replacesAll, delta.removed.total > limits.namedMax {
            delta.unlinks = []
        } else {
            delta.unlinks.append(id)
        }
    }

    private mutating func finishComparing() throws(DirectoryError) {
        delta.unknownCount = unknown.count
        guard leavesOutUnknown || unknown.count == 0 else { throw .rejected(unknown.refusal) }
        if isReplaced, unknown.count > 0, keptCount + delta.added.total == 0 {
            // Nobody of those who were to take their place is there: what was ignored must not empty the group.
            delta = MembershipDelta()
            (delta.unknownCount, delta.restsOnAll) = (unknown.count, true)
            wishes.clear()
            (isCleared, memberCount) = (false, 0)
            return begin(.counting)
        }
        delta.place = place(keeping: keptCount)
        if delta.place == .newSet { delta.unlinks = [] }
        delta.links = links()
        // What rests on more rows than a commit names rests on all members, by their version.
        if delta.place == .movedSet || delta.kept.count + delta.absent.count > limits.namedMax {
            delta.restsOnAll = true
        }
        let namedCount = wishes.count
        wishes.clear()
        begin(replacesAll ? .done : .counting)
        budget -= namedCount
        memberCount = replacesAll ? keptCount + delta.added.total : 0
    }

    private func place(keeping keptCount: Int) -> MembershipDelta.Place {
        let isLarge = delta.added.total + delta.removed.total > limits.namedMax
        guard replacesAll else { return isLarge ? .movedSet : .set }
        let endsMany =
            delta.removed.total > limits.endedMax && keptCount + delta.added.total <= limits.endedMax
        return isLarge || endsMany ? .newSet : .set
    }

    private func links() -> [(kind: UInt8, members: [UniqueID])] {
        var lists: [UInt8: [UniqueID]] = [:]
        for index in 0..<wishes.count {
            let wish = wishes[index]
            switch wish.finding {
            case .added: lists[wish.kind, default: []].append(wish.id)
            case .kept where delta.place == .newSet: lists[wish.kind, default: []].append(wish.id)
            case .kept, .none, .unknown: break
            }
        }
        return lists.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Counts the members, only as far as the answer needs.
    private mutating func count(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        let limit = ResourceDirectory.membersAnsweredMax + 1 + delta.removed.total
        let counted = try snapshot.memberCount(
            ofSet: set,
            space: tenant,
            from: nextEdge,
            limit: min(limit - memberCount, max(1, budget))
        )
        budget -= counted.count
        memberCount += counted.count
        nextEdge = counted.next
        guard nextEdge == nil || memberCount == limit else { return }
        memberCount += delta.added.total - delta.removed.total
        phase = .done
    }
}

// MARK: - Reads

extension MembershipRun {
    private mutating func begin(_ phase: Phase) {
        self.phase = phase
        (place, nextEdge, sawEdges) = (0, nil, false)
    }

    /// The next edges of the group, at most `limit`.
    private mutating func readEdges(
        _ limit: Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [MemberEdge] {
        let read = try snapshot.members(ofSet: set, space: tenant, from: nextEdge, limit: limit)
        budget -= read.edges.count
        nextEdge = read.next
        sawEdges = read.next == nil
        return read.edges
    }

    private func kind(of id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> UInt8? {
        try snapshot.kind(of: id, tenant: tenant, among: renderer.kinds.memberKinds)?.code
    }
}
