import JSON
import SCIM
import Storage

/// A change that is durable, or a request that turned out to change nothing.
package struct ChangeOutcome: Sendable {
    package let id: UniqueID
    package let status: UInt16
    /// False if the resource was already as the request wants it.
    package var hasChanged: Bool
    /// The version after the change, as clients see it; nil after a deletion, and if others may have had a part in it.
    package let version: CommitVersion?
    /// The resource as it was then; nil if the answer does not show it.
    package var resource: ChangedResource?
    /// The paths of the attributes that are other than before, members apart.
    package var changedPaths: [String] = []
    /// What is counted of it; nothing if it changed nothing.
    package var effect: ChangeEffect = []
    /// What of the request had no effect: attributes that no schema defines, as it spelled them, and members whom nobody knows.
    package var ignored: [AttributePath] = []
}

/// A resource as a change has left it, for the answer to that change: others may have changed or deleted it since.
package final class ChangedResource: Sendable {
    /// The row of its record.
    let row: [UInt8]
    let version: CommitVersion
    let lastModified: Timestamp
    /// Its members in the order of their ids; nil if they are more than ``ResourceDirectory/membersAnsweredMax``, and for kinds
    /// without members.
    package let members: [MemberEdge]?
    /// The groups that it was in.
    let groups: [HoldingGroup]

    init(
        row: [UInt8],
        version: CommitVersion,
        lastModified: Timestamp,
        members: [MemberEdge]?,
        groups: [HoldingGroup]
    ) {
        self.row = row
        self.version = version
        self.lastModified = lastModified
        self.members = members
        self.groups = groups
    }
}
