internal import Audit
internal import Directory
internal import HTTP
internal import JSON
internal import Storage
import Tenancy

/// A resource type with every characteristic, whose attributes bear names that mean something else in users and groups.
package enum PrinterType {
    package static let schema = "urn:example:params:scim:schemas:Printer"
    package static let lease = "urn:example:params:scim:schemas:extension:Lease:Printer"
    package static let badge = "urn:example:params:scim:schemas:extension:Badge:User"

    package static let type = """
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
         "id": "Printer", "name": "Printer", "description": "A printer", "endpoint": "/Printers",
         "schema": "\(schema)", "schemaExtensions": [{"schema": "\(lease)", "required": false}]}
        """

    package static let printerSchema = """
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
         "id": "\(schema)", "name": "Printer", "description": "A printer",
         "attributes": [
          {"name": "displayName", "required": true, "uniqueness": "server"},
          {"name": "serial", "caseExact": true, "mutability": "immutable", "uniqueness": "global"},
          {"name": "assetNumber", "type": "decimal", "uniqueness": "server"},
          {"name": "pages", "type": "integer"},
          {"name": "active", "type": "string"},
          {"name": "userName", "type": "integer"},
          {"name": "installed", "type": "dateTime"},
          {"name": "certificate", "type": "binary"},
          {"name": "manual", "type": "reference", "referenceTypes": ["external"]},
          {"name": "lastSeen", "type": "dateTime", "mutability": "readOnly"},
          {"name": "pin", "required": true, "mutability": "writeOnly", "returned": "never"},
          {"name": "password"},
          {"name": "notes", "returned": "request"},
          {"name": "audit", "returned": "never"},
          {"name": "site", "returned": "always"},
          {"name": "groups", "multiValued": true},
          {"name": "place", "type": "complex", "subAttributes": [
            {"name": "building", "mutability": "immutable"},
            {"name": "floor", "type": "integer"},
            {"name": "door", "returned": "request"},
            {"name": "key", "mutability": "writeOnly"},
            {"name": "code", "uniqueness": "server"}]},
          {"name": "members", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value", "required": true, "caseExact": true, "mutability": "immutable"},
            {"name": "$ref", "type": "reference", "referenceTypes": ["User"], "mutability": "immutable"},
            {"name": "type", "canonicalValues": ["owner", "operator"]},
            {"name": "since", "type": "dateTime", "mutability": "readOnly"},
            {"name": "primary", "type": "boolean"}]}
         ]}
        """

    package static let leaseSchema = """
        {"id": "\(lease)", "name": "Lease", "description": "",
         "attributes": [
          {"name": "contract", "required": true, "uniqueness": "server"},
          {"name": "monthly", "type": "decimal"},
          {"name": "bank", "returned": "request"},
          {"name": "from", "type": "dateTime", "mutability": "immutable"}]}
        """

    package static let badgeSchema = """
        {"id": "\(badge)", "name": "Badge", "attributes": [
          {"name": "number", "required": true, "uniqueness": "server"},
          {"name": "doors", "multiValued": true}]}
        """

    /// A client of a new tenant that has printers.
    package static func client() async throws -> TestClient {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        try await register(client.service)
        return client
    }

    /// Registers schemas and type for a tenant.
    package static func register(_ service: TestService, tenant: String = "acme") async throws {
        let schemas = try JSONValue(parsing: Array("[\(printerSchema),\(leaseSchema)]".utf8))
        _ = try await service.administration.addSchemas(schemas, tenant: tenant, by: .system)
        let types = try JSONValue(parsing: Array(type.utf8))
        _ = try await service.administration.addResourceTypes(types, tenant: tenant, by: .system)
    }
}

extension TestClient {
    /// Creates a printer; `more` are further members.
    package func createPrinter(_ name: String, _ more: String = "") async throws -> TestAnswer {
        try await send(.post, "/Printers", Self.printer(name, more))
    }

    package static func printer(_ name: String, _ more: String = "") -> String {
        #"{"schemas":["\#(PrinterType.schema)"],"displayName":"\#(name)","pin":"0000"\#(more)}"#
    }
}
