import SCIM
import Storage

/// The resource types of a tenant with their codes, and the documents that tell clients of them.
///
/// A reference type, because every request passes one along in its ``TenantAccess``.
package final class ResourceKinds: Sendable {
    package let all: [ResourceKind]
    /// The schemas and resource types as discovery shows them (RFC 7644 §4).
    package let catalog: SchemaCatalog
    /// The kind whose resources hold members; nil if there is none.
    package let holder: ResourceKind?
    /// The kinds whose resources may be members: those that `members.$ref` may refer to (RFC 7643 §4.2).
    package let memberKinds: [ResourceKind]

    /// The version of the tenant's own schemas that these follow from; 0 without any.
    package let version: UInt32
    /// The version of the row that every change of the tenant's own schemas writes; nil without any.
    package let head: CommitVersion?

    /// The types of RFC 7643: users, and groups whose members are users or groups.
    package static let core = ResourceKinds(all: [
        ResourceKind(code: 1, type: .user, groupsAttribute: "groups"),
        ResourceKind(code: 2, type: .group),
    ])

    package init(all: [ResourceKind], version: UInt32 = 0, head: CommitVersion? = nil) {
        self.all = all
        self.version = version
        self.head = head
        catalog = SchemaCatalog(resourceTypes: all.map(\.type))
        holder = all.first { $0.membersAttribute != nil }
        let names = holder?.membersAttribute?.subAttribute("$ref")?.referenceTypes ?? []
        memberKinds = all.filter { names.contains($0.type.name) }
    }

    /// The type behind an endpoint's path segment, `Users`.
    package func kind(endpoint segment: String) -> ResourceKind? {
        all.first { $0.endpointSegment == segment }
    }

    package func kind(code: UInt8) -> ResourceKind? { all.first { $0.code == code } }
}
