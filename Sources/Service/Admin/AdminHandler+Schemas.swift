import Audit
import Directory
import HTTP
import JSON
import SCIM
import Tenancy

extension AdminHandler {
    /// `/tenants/NAME/schemas` and `/tenants/NAME/resource-types`: what is registered for a tenant.
    ///
    /// Nil if the path is another one.
    func performOnSchemas(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard path.count == 3 || path.count == 4, path[0] == "tenants" else { return nil }
        let (tenant, name) = (path[1], path.count == 4 ? path[3] : nil)
        switch (request.method, path[2], name) {
        case (.get, "schemas", let urn): return try showSchemas(tenant, urn)
        case (.post, "schemas", nil):
            let added = try await administration.addSchemas(
                input.value("file"),
                extending: input.text("extend"),
                required: input.flag("required"),
                tenant: tenant,
                by: actor
            )
            return AdminMessage.json([.init("added", .array(added.map { .string($0.id) }))])
        case (.delete, "schemas", let urn?):
            try await administration.removeSchema(urn, tenant: tenant, by: actor)
            return AdminMessage.json([.init("removed", .string(urn))])
        case (.get, "resource-types", let name): return try showTypes(tenant, name)
        case (.post, "resource-types", nil):
            let file = input.value("file")
            let added = try await administration.addResourceTypes(file, tenant: tenant, by: actor)
            return AdminMessage.json([.init("added", .array(added.map { .string($0.name) }))])
        case (.delete, "resource-types", let name?):
            try await administration.removeResourceType(name, tenant: tenant, by: actor)
            return AdminMessage.json([.init("removed", .string(name))])
        default: return nil
        }
    }

    private func showSchemas(_ tenant: String, _ urn: String?) throws(AdministrationError) -> Response {
        let registered = try administration.schemas(ofTenant: tenant)
        if let urn {
            guard let schema = registered.schema(urn) else { throw .noSuchSchema }
            return AdminMessage.json(.ok, .object(schema.json))
        }
        let schemas = registered.schemas.map { schema in
            AdminMessage.object([
                .init("id", .string(schema.id)), .init("name", .string(schema.name)),
                .init("attributes", .number(JSONNumber(schema.attributes.count))),
                .init("resourceTypes", .array(registered.names(using: schema).map(JSONValue.string))),
            ])
        }
        return AdminMessage.json([.init("schemas", .array(schemas.map(JSONValue.object)))])
    }

    private func showTypes(_ tenant: String, _ name: String?) throws(AdministrationError) -> Response {
        let registered = try administration.schemas(ofTenant: tenant)
        if let name {
            guard let type = registered.type(name) else { throw .noSuchResourceType }
            return AdminMessage.json(.ok, .object(type.document.json))
        }
        let types = registered.types.map { JSONValue.object($0.document.json) }
        return AdminMessage.json([.init("resourceTypes", .array(types))])
    }
}
