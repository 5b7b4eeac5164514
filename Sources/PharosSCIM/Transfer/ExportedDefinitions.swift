import HTTP
import JSON

/// The schemas and resource types of a tenant's own, as they stand in front of its resources in an export.
///
/// ```
/// {"schema":{"id":"urn:…",…}}
/// {"resourceType":{"name":"…",…}}
/// ```
/// Each is in the form that `schema add` and `resource-type add` read.
struct ExportedDefinitions {
    private var schemas: [JSONObject] = []
    private var types: [JSONObject] = []

    private static let schema = "schema"
    private static let type = "resourceType"

    /// Asks for a tenant's definitions.
    static func of(_ tenant: String, through channel: AdminChannel) async throws -> ExportedDefinitions {
        let path = "/tenants/\(tenant.escaped)"
        var found = ExportedDefinitions()
        for entry in try await channel.send(.get, "\(path)/schemas").list("schemas") {
            guard let urn = entry.object?["id"]?.text else { continue }
            found.schemas.append(try await channel.send(.get, "\(path)/schemas/\(urn.escaped)"))
        }
        let types = try await channel.send(.get, "\(path)/resource-types").list("resourceTypes")
        found.types = types.compactMap(\.object)
        return found
    }

    /// Reads the definitions at the start of an export.
    ///
    /// - Returns: them, and the first line after them, with its number, if one comes before line `end`.
    static func read(
        from lines: inout LineSplitter,
        before end: Int
    ) throws -> (ExportedDefinitions, next: (number: Int, object: JSONObject)?) {
        var found = ExportedDefinitions()
        while lines.number < end - 1, let line = try lines.next() {
            let object = try ExportFile.object(line, lines.number)
            if object.members.count == 1, let schema = object[schema]?.object {
                found.schemas.append(schema)
            } else if object.members.count == 1, let type = object[type]?.object {
                found.types.append(type)
            } else {
                return (found, (lines.number, object))
            }
        }
        return (found, nil)
    }

    /// As lines of an export.
    var lines: [JSONObject] {
        schemas.map { JSONObject(uniqueMembers: [.init(name: Self.schema, value: .object($0))]) }
            + types.map { JSONObject(uniqueMembers: [.init(name: Self.type, value: .object($0))]) }
    }

    /// Adds what a tenant does not have yet; what it has in another form is refused before anything is added.
    func add(to tenant: String, through channel: AdminChannel, isDryRun: Bool) async throws {
        let own = try await Self.of(tenant, through: channel)
        let newSchemas = try Self.missing(schemas, in: own.schemas, namedBy: "id")
        let newTypes = try Self.missing(types, in: own.types, namedBy: "name")
        guard !newSchemas.isEmpty || !newTypes.isEmpty else { return }
        guard !isDryRun else {
            throw CommandFailure(
                .refused,
                "The file brings schemas or resource types that the tenant does not have, and a dry run adds none: "
                    + "its lines cannot be judged. Import it, or add them first."
            )
        }
        let path = "/tenants/\(tenant.escaped)"
        for (name, new) in [("schemas", newSchemas), ("resource-types", newTypes)] where !new.isEmpty {
            let file = JSONValue.array(new.map(JSONValue.object))
            let body = JSONObject(uniqueMembers: [.init(name: "file", value: file)])
            _ = try await channel.send(.post, "\(path)/\(name)", body)
        }
    }

    private static func missing(
        _ objects: [JSONObject],
        in own: [JSONObject],
        namedBy member: String
    ) throws -> [JSONObject] {
        try objects.filter { object in
            guard let same = own.first(where: { $0[member] == object[member] }) else { return true }
            guard same == object else {
                throw CommandFailure(
                    .refused,
                    "The tenant has \(object[member]?.text ?? "a definition") in another form than the file."
                )
            }
            return false
        }
    }
}
