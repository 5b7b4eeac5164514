import Audit
import JSON
import SCIM
import Storage

extension Administration {
    /// What is registered for a tenant.
    package func schemas(ofTenant name: String) throws(AdministrationError) -> TenantSchemas {
        let number = try versioned(name).tenant.number
        return try reading { snapshot throws(DirectoryError) in
            do throws(StoreError) {
                return try TenantSchemas.read(ofTenant: number, snapshot)?.schemas ?? TenantSchemas()
            } catch { throw DirectoryError(error) }
        }
    }

    /// All schemas and resource types of a tenant, the built-in ones among them.
    package func catalog(ofTenant name: String) throws(AdministrationError) -> SchemaCatalog {
        let tenant = try versioned(name).tenant
        return try reading { snapshot throws(DirectoryError) in
            try ResourceKinds.of(tenant, snapshot).catalog
        }
    }

    /// Registers schemas, or new states of registered ones, from a file of them; all or none.
    ///
    /// `type`: the resource type that gets the schemas as extensions; its resources must have their attributes if `required`.
    package func addSchemas(
        _ file: JSONValue,
        extending type: String? = nil,
        required: Bool = false,
        tenant: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> [Schema] {
        let added: [Schema]
        do throws(SchemaFault) { added = try Self.schemas(in: file) } catch { throw .invalidSchema(error) }
        try await change(tenant, by: actor) { plan throws(AdministrationError) in
            for schema in added { try plan.add(schema) }
            guard let type else { return }
            var document = try plan.document(extending: type)
            for schema in added {
                document.extend(with: schema.id, required: required)
            }
            try plan.add(document)
        }
        return added
    }

    /// Takes a schema away, also from the types that it extends.
    package func removeSchema(
        _ urn: String,
        tenant: String,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        try await change(tenant, by: actor) { plan throws(AdministrationError) in try plan.removeSchema(urn) }
    }

    /// Registers resource types, new states of registered ones, or extensions of built-in ones; all or none.
    package func addResourceTypes(
        _ file: JSONValue,
        tenant: String,
        by actor: AuditActor
    ) async throws(AdministrationError) -> [ResourceTypeDocument] {
        let added: [ResourceTypeDocument]
        do throws(SchemaFault) { added = try Self.types(in: file) } catch { throw .invalidSchema(error) }
        try await change(tenant, by: actor) { plan throws(AdministrationError) in
            for document in added { try plan.add(document) }
        }
        return added
    }

    /// Takes away a resource type that has no resources.
    package func removeResourceType(
        _ name: String,
        tenant: String,
        by actor: AuditActor
    ) async throws(AdministrationError) {
        try await change(tenant, by: actor) { plan throws(AdministrationError) in try plan.removeType(name) }
    }

    private static func schemas(in file: JSONValue) throws(SchemaFault) -> [Schema] {
        var schemas: [Schema] = []
        for document in try SchemaDecoder.documents(in: file) {
            let schema = try SchemaDecoder.schema(document)
            guard !TenantSchemas.isBuiltIn(schema.id) else {
                throw SchemaFault("id", "\(schema.id) is a schema of the server or of the protocol")
            }
            guard !schemas.contains(where: { $0.id.equalsIgnoringASCIICase(schema.id) }) else {
                throw SchemaFault("id", "\(schema.id) is in the file twice")
            }
            schemas.append(schema)
        }
        return schemas
    }

    private static func types(in file: JSONValue) throws(SchemaFault) -> [ResourceTypeDocument] {
        var types: [ResourceTypeDocument] = []
        for object in try SchemaDecoder.documents(in: file) {
            let document = try ResourceTypeDocument(object)
            guard !types.contains(where: { $0.name.equalsIgnoringASCIICase(document.name) }) else {
                throw SchemaFault("name", "\(document.name) is in the file twice")
            }
            types.append(document)
        }
        return types
    }

    /// Makes a change in one commit with its audit record; what changes nothing leaves no trace.
    func change(
        _ name: String,
        by actor: AuditActor,
        _ body: (inout SchemaPlan) throws(AdministrationError) -> Void
    ) async throws(AdministrationError) {
        var (tenant, version, slug) = try versioned(name)
        var plan = try SchemaPlan(reading: self, tenant: tenant)
        try body(&plan)
        guard let changed = try plan.finished() else { return }
        tenant.schemasVersion = changed.version
        var record = AuditRecord.administration(.schemaChange, tenant: slug, actor: actor)
        record.attributes = plan.names.compactMap { AuditAttributePath($0) }
        var changes = plan.changeset
        changes.preconditions.append(.version(Keys.tenant(name), version))
        changes.mutations += [.put(Keys.tenant(name), tenant.encoded), .append(record.logEntry())]
        guard try await commit(changes) else { throw .conflict }
    }
}
