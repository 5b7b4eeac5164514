import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `/tenants/NAME/indexes`: the attributes that are marked for an index.
    ///
    /// Nil if the path is another one.
    func performOnIndexes(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard path.count == 3 || path.count == 4, path[0] == "tenants", path[2] == "indexes" else {
            return nil
        }
        let tenant = path[1]
        switch (request.method, path.count) {
        case (.get, 3):
            let indexes = try administration.indexes(ofTenant: tenant).map { index, type in
                JSONValue.object(
                    AdminMessage.object([
                        .init("number", .number(JSONNumber(Int(index.number)))),
                        .init("resourceType", .string(type)), .init("attribute", .string(index.path)),
                        .init("state", .string("\(index.state)")),
                    ])
                )
            }
            return AdminMessage.json([.init("indexes", .array(indexes))])
        case (.post, 3):
            try await administration.addIndex(
                of: input.text("attribute") ?? "",
                type: input.text("resourceType") ?? "",
                tenant: tenant,
                by: actor
            )
            return AdminMessage.json([.init("state", .string("building"))])
        case (.delete, 4):
            guard let number = UInt16(path[3]) else { throw .noSuchIndex }
            try await administration.removeIndex(number, tenant: tenant, by: actor)
            return AdminMessage.json([.init("removed", .number(JSONNumber(Int(number))))])
        default: return nil
        }
    }
}
