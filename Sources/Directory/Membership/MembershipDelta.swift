import Audit
import SCIM
import Storage

/// What a request changes in a group's members, found without loading the group where the request names ids.
package struct MembershipDelta: Sendable {
    /// Edges to write, by the codes of the members' kinds; each list in the order of the ids.
    var links: [(kind: UInt8, members: [UniqueID])] = []
    /// Edges to delete, in the order of the ids; empty if all members are ``links``.
    var unlinks: [UniqueID] = []
    /// Where the edges are written.
    var place = Place.set
    /// What really changes, for the audit trail.
    var added = AuditMembers()
    var removed = AuditMembers()
    /// Named ids that are members and stay, and those that are none and stay none: what the request comes to rests on it.
    var kept: [UniqueID] = []
    var absent: [UniqueID] = []
    /// Whether it rests on all members, and not only on those that the request names.
    var restsOnAll = false
    /// How many values of the request were left out, because they are not ids of anybody.
    var unknownCount = 0

    package var isEmpty: Bool { added.total == 0 && removed.total == 0 }

    /// Whether it names edges, whatever becomes of them.
    var namesAny: Bool { !(kept.isEmpty && absent.isEmpty && links.isEmpty && unlinks.isEmpty) }

    enum Place {
        /// In the set that is there.
        case set
        /// In a new set, whose members are ``links`` alone.
        case newSet
        /// In the set that is there, by marks that are written before: the change is too large for one commit.
        case marks
    }

    var linkCount: Int { links.reduce(0) { $0 + $1.members.count } }

    /// The attributes that a request names without effect: those of the rest of it, and ids of nobody.
    func ignored(beside others: [AttributePath]) -> [AttributePath] {
        unknownCount == 0 ? others : others + [AttributePath(attribute: "members", subAttribute: "value")]
    }
}

extension MembershipDelta {
    /// The members after the change, in the order of their ids.
    func members(after before: [MemberEdge]) -> [MemberEdge] {
        let gone = Set(unlinks)
        let kept = place == .newSet ? [] : before.filter { !gone.contains($0.member) }
        let linked = links.flatMap { list in list.members.map { MemberEdge(member: $0, kind: list.kind) } }
        return (kept + linked).sorted { $0.member < $1.member }
    }
}
