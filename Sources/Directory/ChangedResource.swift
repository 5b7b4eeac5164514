import JSON
import Storage

/// A resource as a change has left it, for the answer to that change: others may have changed or deleted it since.
package struct ChangedResource: Sendable {
    /// The row of its record.
    let row: [UInt8]
    let version: CommitVersion
    let lastModified: Timestamp
    /// Its members in the order of their ids; nil if they are more than ``ResourceDirectory/membersAnsweredMax``, and for kinds
    /// without members.
    let members: [MemberEdge]?
}

extension MembershipDelta {
    /// The members after the change, in the order of their ids.
    func members(after before: [MemberEdge]) -> [MemberEdge] {
        let gone = Set(unlinks)
        let kept = clearsFirst ? [] : before.filter { !gone.contains($0.member) }
        let linked = links.flatMap { list in list.members.map { MemberEdge(member: $0, kind: list.kind) } }
        return (kept + linked).sorted { $0.member < $1.member }
    }
}
