import Audit
import Directory
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport

/// What operators do about schemas, in short form for tests.
enum SchemaDesk {
    static func service() async throws -> (TestService, TestClient) {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        return (service, try await service.client())
    }

    static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    static func add(
        _ service: TestService,
        schema: String,
        extending type: String? = nil,
        required: Bool = false
    ) async throws {
        _ = try await service.administration.addSchemas(
            json(schema),
            extending: type,
            required: required,
            tenant: "acme",
            by: .system
        )
    }

    static func add(_ service: TestService, type: String) async throws {
        _ = try await service.administration.addResourceTypes(json(type), tenant: "acme", by: .system)
    }

    /// What an operator is told of a command that is refused; empty if it is carried out.
    static func refusal(_ body: () async throws -> Void) async throws -> String {
        do { try await body() } catch AdministrationError.invalidSchema(let fault) {
            return fault.description
        } catch AdministrationError.inUse(let sentence) {
            return sentence
        }
        return ""
    }

    static func type(
        _ name: String,
        _ endpoint: String,
        schema: String,
        _ more: String = ""
    ) -> String {
        #"{"name":"\#(name)","endpoint":"\#(endpoint)","schema":"\#(schema)"\#(more)}"#
    }
}
