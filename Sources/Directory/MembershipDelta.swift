import JSON
import SCIM
import Storage

/// What a request changes in a group's members, found without loading the group where the request names ids.
struct MembershipDelta {
    /// Edges to write, each with the code of the member's kind.
    var links: [MemberEdge] = []
    var unlinks: [UniqueID] = []
    /// Whether every edge goes first, because naming the ones to remove would make the changeset too large.
    var clearsFirst = false
    /// What really changes, for the audit trail.
    var added: [UniqueID] = []
    var removed: [UniqueID] = []

    var isEmpty: Bool { added.isEmpty && removed.isEmpty }

    /// Above this number of removals all edges are cleared and the remaining ones written again.
    static let namedRemovalsMax = 5_000
}

/// Turns the membership operations of a request into a ``MembershipDelta`` against one snapshot.
///
/// The operations apply in order, but only to the ids they name: `wanted` remembers the last word on each.
struct MembershipPlanner {
    let renderer: ResourceRenderer
    let group: UniqueID

    private var tenant: UInt32 { renderer.tenant }

    init(renderer: ResourceRenderer, group: UniqueID) {
        self.renderer = renderer
        self.group = group
    }

    /// The outcome of the operations so far.
    private struct Plan {
        var wanted: [UniqueID: Bool] = [:]
        var order: [UniqueID] = []
        /// Whether members that no later operation names go away.
        var isCleared = false

        mutating func want(_ id: UniqueID, _ isMember: Bool) {
            if wanted.updateValue(isMember, forKey: id) == nil { order.append(id) }
        }

        mutating func clear() { self = Plan(isCleared: true) }
    }

    /// `isNew`: whether the group does not exist yet, so that nothing needs to be read of it.
    func delta(
        _ changes: [MemberChange],
        isNew: Bool = false,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> MembershipDelta {
        var plan = Plan()
        for change in changes { try apply(change, to: &plan, snapshot) }
        return plan.isCleared && !isNew ? try replacement(plan, snapshot) : try difference(plan, snapshot)
    }

    private func apply(
        _ change: MemberChange,
        to plan: inout Plan,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        switch change {
        case .add(let ids):
            for id in ids { plan.want(try memberID(id), true) }
        case .remove(let ids):
            // An id that is no id of ours is nobody's member: removing it succeeds and changes nothing.
            for id in ids.compactMap(UniqueID.init(text:)) { plan.want(id, false) }
        case .removeAll:
            plan.clear()
        case .replaceAll(let ids):
            plan.clear()
            for id in ids { plan.want(try memberID(id), true) }
        case .removeMatching(let filter):
            for id in try members(matching: filter, plan, snapshot) { plan.want(id, false) }
        }
    }

    private func memberID(_ text: String) throws(DirectoryError) -> UniqueID {
        guard let id = UniqueID(text: text) else { throw .rejected(Self.noSuchMember) }
        guard id != group else {
            throw .rejected(SCIMError(.invalidValue, "A group cannot be a member of itself."))
        }
        return id
    }

    static let noSuchMember = SCIMError(
        .invalidValue,
        "A value in members is not the id of a user or group of this tenant."
    )

    /// The members after the operations so far that a general filter selects; these have to be looked at one by one.
    private func members(
        matching filter: BoundFilter,
        _ plan: Plan,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID] {
        var candidates: [MemberEdge] = []
        if !plan.isCleared {
            candidates = try snapshot.members(of: group, space: tenant, from: nil, limit: .max).edges
        }
        for id in plan.order where plan.wanted[id] == true {
            guard let kind = try snapshot.kind(of: id, tenant: tenant, among: renderer.kinds.memberKinds)
            else {
                continue
            }
            candidates.append(MemberEdge(member: id, kind: kind.code))
        }
        var found: [UniqueID] = []
        for candidate in candidates {
            let element = try renderer.member(
                candidate.member,
                kindCode: candidate.kind,
                withDisplay: true,
                snapshot
            )
            if filter.matches(element: .object(element)) { found.append(candidate.member) }
        }
        return found
    }

    /// What changes when only the named ids count.
    private func difference(
        _ plan: Plan,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> MembershipDelta {
        var delta = MembershipDelta()
        for id in plan.order {
            let isMember = try snapshot.holds(Edge(space: tenant, container: group, member: id))
            if plan.wanted[id] == true, !isMember {
                delta.links.append(try edge(to: id, snapshot))
                delta.added.append(id)
            } else if plan.wanted[id] == false, isMember {
                delta.unlinks.append(id)
                delta.removed.append(id)
            }
        }
        return delta
    }

    /// What changes when everybody goes who is not named.
    private func replacement(
        _ plan: Plan,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> MembershipDelta {
        var delta = MembershipDelta()
        let current = try snapshot.members(of: group, space: tenant, from: nil, limit: .max).edges
        let currentIDs = Set(current.map(\.member))
        delta.removed = current.map(\.member).filter { plan.wanted[$0] != true }
        for id in plan.order where plan.wanted[id] == true && !currentIDs.contains(id) {
            delta.links.append(try edge(to: id, snapshot))
            delta.added.append(id)
        }
        if delta.removed.count > MembershipDelta.namedRemovalsMax {
            delta.clearsFirst = true
            delta.links += current.filter { plan.wanted[$0.member] == true }
        } else {
            delta.unlinks = delta.removed
        }
        return delta
    }

    private func edge(to id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> MemberEdge {
        guard let kind = try snapshot.kind(of: id, tenant: tenant, among: renderer.kinds.memberKinds) else {
            throw .rejected(Self.noSuchMember)
        }
        return MemberEdge(member: id, kind: kind.code)
    }
}
