import SCIM
import Storage

/// One change of one resource, as a value.
package struct ResourceChange: Sendable {
    package enum Action: Sendable {
        /// Creates a resource under an id of ``ResourceDirectory/makeID()``.
        case create(UniqueID, DecodedResource)
        case replace(UniqueID, DecodedResource)
        case patch(UniqueID, PatchPlan)
        case delete(UniqueID)
    }

    package let action: Action
    package let context: ChangeContext

    package init(_ action: Action, _ context: ChangeContext) {
        self.action = action
        self.context = context
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

extension ResourceDirectory {
    /// Makes one change.
    package func perform(_ change: ResourceChange) async throws(DirectoryError) -> ChangeOutcome {
        switch change.action {
        case .create(let id, let decoded): try await create(decoded, id: id, change.context)
        case .replace(let id, let decoded): try await replace(id, with: decoded, change.context)
        case .patch(let id, let plan): try await patch(id, plan, change.context)
        case .delete(let id): try await delete(id, change.context)
        }
    }
}
