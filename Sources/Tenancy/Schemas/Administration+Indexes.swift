import Audit
import SCIM
import Storage

extension Administration {
    /// The attributes that are marked for an index, with the names of their resource types; those that are being removed too.
    package func indexes(
        ofTenant name: String
    ) throws(AdministrationError) -> [(index: MarkedIndex, type: String)] {
        let registered = try schemas(ofTenant: name)
        do throws(SchemaFault) {
            let kinds = try registered.resourceKinds()
            return registered.indexes.sorted { $0.number < $1.number }.map { index in
                (index, kinds.first { $0.code == index.kind }?.type.name ?? "")
            }
        } catch {
            throw .invalidSchema(error)
        }
    }

    /// Marks an attribute of a resource type for an index, whose rows a running server then writes; queries use it afterwards.
    ///
    /// `attribute`: a path; a complex attribute stands for its `value`.
    package func addIndex(
        of attribute: String,
        type: String,
        tenant: String,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        try await change(tenant, by: actor) { plan throws(AdministrationError) in
            try plan.mark(attribute, of: type)
        }
    }

    /// Takes a mark away; a running server then removes the rows.
    package func removeIndex(
        _ number: UInt16,
        tenant: String,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        try await change(tenant, by: actor) { plan throws(AdministrationError) in try plan.unmark(number) }
    }

    /// Notes that all rows of a marked attribute are there, or that all of a removed one are gone.
    package func finishIndex(
        _ number: UInt16,
        _ state: MarkedIndex.State,
        tenant: UInt32
    ) async throws(AdministrationError) {
        guard let name = try tenants().first(where: { $0.number == tenant })?.name else { return }
        try await change(name, by: .system) { plan throws(AdministrationError) in plan.finish(number, state) }
    }
}
