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
///   │      ▲              │ remove by filter
///   │      ├─ look at all ◄
///   └─ is one of those who replace all there?
/// ```
///
/// The changes apply in order, but only to the ids they name. A few take one step, which sees one state. A longer run may see
/// changes that come between its steps: what it rests on is a condition of the commit.
struct MembershipRun {
    /// How much one step may do: an id or an edge costs 1, a look-up 8, an evaluated member 32 and what its filter costs.
    static let stepBudget = 32_768
    /// The same for a step on a loop.
    static let stepBudgetOnLoop = 16_384
    /// Units of ``WorkBudget`` that are one of these.
    static let workPerUnit = 8
    static let lookUpCost = 8
    static let evaluationCost = 32
    /// Edges that are read at a time.
    static let edgesPerReadMax = 1_024

    enum Phase { case taking, checking, settling, evaluating, comparing, counting, done }

    /// What is to be changed; whole once ``isDone``.
    var delta = MembershipDelta()
    /// How many members there are afterwards, counted up to ``ResourceDirectory/membersAnsweredMax`` and one more.
    var memberCount = 0

    let changes: [MemberChange]
    let group: UniqueID
    /// The set that holds the group's memberships; until another is told, the one with the group's own id.
    var set: UniqueID
    let limits: MembershipLimits
    let renderer: ResourceRenderer
    /// Whether the group does not exist yet, so that nothing needs to be read of it.
    let isNew: Bool
    /// Whether ids of nobody are left out; else they are refused.
    let leavesOutUnknown: Bool

    var phase = Phase.taking
    private var pace = WorkPace.loop
    var budget = 0
    /// What all that filters look at may cost.
    var work = WorkBudget(FilterLimits.workMax)
    var wishes = MembershipWishes()
    var unknown = UnknownMembers()
    /// Whether members that no later change names go away.
    var isCleared = false
    /// Those who are nobody if the replacement that is being checked has no effect.
    var unknownIfVoid = UnknownMembers()
    /// The place behind the last replacement of which somebody was found.
    var checkedEnd = 0
    var keptCount = 0

    /// The change that is being taken.
    var change = 0
    /// How far in the ids of that change, or in the wishes.
    var place = 0
    /// The edge to go on with; nil for the first one.
    var nextEdge: UniqueID?
    var sawEdges = false
    /// Whether some deleted resource of the tenant has not left all of its groups yet; nil until it is asked for in a step.
    var sawLeaving: Bool?
    /// The wishes from before a removal by filter.
    var earlierCount = 0

    init(
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

    var tenant: UInt32 { renderer.tenant }

    /// Whether everybody goes who is not named.
    var replacesAll: Bool { isCleared || isNew }

    var isDone: Bool { phase == .done }

    /// Whether members are removed by a filter, so that a step may be too long for a loop; it has to be taken from the beginning then.
    var evaluatesFilters: Bool { changes.contains { if case .removeMatching = $0 { true } else { false } } }

    /// Works on for one step.
    ///
    /// - Throws: ``DirectoryError/rejected(_:)`` with `invalidValue` for a group in itself, and for ids of nobody unless they are
    ///   left out; it then tells all of them. With `tooMany` if the filters of removals cost more than ``FilterLimits/workMax``.
    mutating func advance(_ snapshot: borrowing Snapshot, _ pace: WorkPace) throws(DirectoryError) {
        budget = pace == .loop ? Self.stepBudgetOnLoop : Self.stepBudget
        self.pace = pace
        sawLeaving = nil
        while budget > 0 {
            switch phase {
            case .taking: try take()
            case .checking: try check(snapshot)
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
            change += 1
        case .replaceAll(let ids) where mayBeVoid(ids): phase = .checking
        case .replaceAll(let ids):
            if place == 0 { clear() }
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

    /// Whether a replacement has no effect if nobody of it is there; one that is alone is judged when it has been compared.
    private func mayBeVoid(_ ids: MemberIDs) -> Bool {
        leavesOutUnknown && changes.count > 1 && checkedEnd <= change && ids.count > 0
    }

    /// Looks for one of those who are to replace all; if there is none, the change is left out, and the others apply without it.
    private mutating func check(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard case .replaceAll(let ids) = changes[change] else {
            preconditionFailure("only a replacement is left out as a whole")
        }
        if place == 0 { unknownIfVoid = unknown }
        guard place < ids.count else {
            unknown = unknownIfVoid
            delta.restsOnAll = true
            begin(.taking)
            change += 1
            return
        }
        budget -= Self.lookUpCost
        if let id = ids.withUTF8(at: place, { UniqueID(text: $0) }) {
            guard try kind(of: id, snapshot) == nil else {
                checkedEnd = change + 1
                return begin(.taking)
            }
            unknownIfVoid.add(id)
        } else {
            unknownIfVoid.addText()
        }
        place += 1
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
        guard try selects(.object(element), filter) else { return }
        wishes.append(candidate.member, isWanted: false, change: change)
    }
}

// MARK: - Reads

extension MembershipRun {
    private mutating func selects(_ element: JSONValue, _ filter: BoundFilter) throws(DirectoryError) -> Bool
    {
        let onLoop = WorkBudget(FilterLimits.workOnLoopMax)
        var allowed = pace == .loop ? onLoop : work
        let allowance = allowed.units
        let isSelected = filter.matches(element: element, &allowed)
        let spent = allowance - allowed.units
        work.spend(spent)
        budget -= spent / Self.workPerUnit
        guard allowed.isSpent else { return isSelected }
        guard pace == .background else { throw .tooLongForLoop }
        throw .rejected(
            SCIMError(
                .tooMany,
                "The filters of the members to remove compare more than the server is ready to: use fewer terms."
            )
        )
    }

    mutating func begin(_ phase: Phase) {
        self.phase = phase
        (place, nextEdge, sawEdges) = (0, nil, false)
    }

    /// The next edges of the group, at most `limit`.
    mutating func readEdges(
        _ limit: Int,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [MemberEdge] {
        let read = try snapshot.members(ofSet: set, space: tenant, from: nextEdge, limit: limit)
        budget -= read.edges.count
        nextEdge = read.next
        sawEdges = read.next == nil
        return read.edges
    }

    func kind(of id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> UInt8? {
        try snapshot.kind(of: id, tenant: tenant, among: renderer.kinds.memberKinds)?.code
    }
}
