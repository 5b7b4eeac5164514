import Audit
import SCIM
import Storage
import Tenancy

extension MembershipRun {
    /// What changes when only the named ids count.
    mutating func compareNamed(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
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
    mutating func compareAll(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
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
        if case .replaceAll? = changes.first, changes.count == 1, unknown.count > 0,
            keptCount + delta.added.total == 0
        {
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
        if delta.place == .marks || delta.kept.count + delta.absent.count > limits.namedMax {
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
        guard replacesAll else { return isLarge ? .marks : .set }
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
    mutating func count(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
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
