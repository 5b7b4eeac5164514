import SCIM
import Storage
import Tenancy

/// What is asked of one resource, as a value: by a request, by an operation of a bulk request, or by a line of an import.
package struct Change: Sendable {
    package enum Action: Sendable {
        /// Creates a resource under an id of ``ResourceDirectory/makeID()``.
        case create(UniqueID, DecodedResource)
        case replace(UniqueID, DecodedResource)
        case patch(UniqueID, PatchPlan)
        case delete(UniqueID)
        /// Creates a resource as it was exported, with its id and times; one that is there already must be the same.
        case restore(UniqueID, ResourceRecord)
        /// Adds members as they were exported; the resource keeps its time of change.
        case restoreMembers(UniqueID, MemberIDs)
    }

    package let action: Action
    package let context: ChangeContext
    /// About what it takes in memory.
    package let byteCount: Int

    /// `byteCount`: about what it takes in memory: the bytes of the text that asks for it.
    package init(_ action: Action, _ context: ChangeContext, byteCount: Int = 0) {
        self.action = action
        self.context = context
        self.byteCount = byteCount
    }

    /// The resource that it is about.
    var id: UniqueID {
        switch action {
        case .create(let id, _), .replace(let id, _), .patch(let id, _), .delete(let id),
            .restore(let id, _), .restoreMembers(let id, _):
            id
        }
    }

    /// Whether nobody else knows of the resource yet, so that nobody else changes it.
    var isCreation: Bool { if case .create = action { true } else { false } }

    /// Whether it rests on members that are there, or removes them.
    var writesMembers: Bool {
        switch action {
        case .create, .restore: false
        case .replace, .delete: context.kind.membersAttribute != nil
        case .patch(_, let plan): !plan.members.isEmpty
        case .restoreMembers: true
        }
    }

    /// How many members it names.
    var namedMembers: Int {
        switch action {
        case .create(_, let decoded), .replace(_, let decoded): decoded.members?.count ?? 0
        case .patch(_, let plan): plan.members.reduce(0) { $0 + $1.namedCount }
        case .restoreMembers(_, let ids): ids.count
        case .delete, .restore: 0
        }
    }
}

/// A resource that a change brings into being.
package struct NewResource: Sendable {
    package let kind: ResourceKind
    package let id: UniqueID
    private let tenant: UInt32

    package init(_ kind: ResourceKind, _ id: UniqueID, of access: TenantAccess) {
        self.kind = kind
        self.id = id
        tenant = access.tenant.number
    }

    /// The key of its record.
    var key: Key { Keys.record(tenant, kind.code, id) }
}
