import Audit
import JSON
import SCIM
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Storage
@testable import Tenancy

extension TestService {
    /// What a query needs of the test's tenant.
    func acme() throws -> TenantAccess {
        let tenant = try store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.tenant(named: "acme")
        }
        return TenantAccess(tenant: try #require(tenant), tokenID: nil, actor: .system, kinds: .core)
    }

    /// Creates users with the externalId `x`, many in a commit.
    @discardableResult
    func createUsers(_ count: Int) async throws -> [UniqueID] {
        let context = ChangeContext(
            access: try acme(),
            kind: ResourceKinds.core.all[0],
            baseURL: "",
            origin: nil,
            condition: .none,
            successStatus: { _ in 201 }
        )
        var ids: [UniqueID] = []
        var changes = Changeset()
        for number in 0..<count {
            let id = directory.makeID()
            ids.append(id)
            var user = JSONObject()
            user["userName"] = .string("user \(number)")
            user["externalId"] = .string("x")
            let now = clock.now()
            var change = ResourceChangeset(id, context, environment)
            change.create(
                ResourceRecord(
                    created: now,
                    lastModified: now,
                    resource: Resource(stored: user, type: context.kind.type)
                )
            )
            changes.mutations += change.changeset.mutations
            if changes.mutations.count > 4_000 || number == count - 1 {
                _ = try await store.commit(changes)
                changes = Changeset()
            }
        }
        return ids
    }
}
