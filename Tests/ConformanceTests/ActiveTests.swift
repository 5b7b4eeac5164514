import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Active and inactive users")
struct ActiveTests {
    private let service = TestService(store: MemoryStore(clock: { 1 }))

    private static func put(_ active: String) -> String {
        #"{"schemas":["\#(Schema.user.id)"],"userName":"ann","title":"t"\#(active)}"#
    }

    private func activations() throws -> Int {
        try service.records().count { $0["SCIM_EVENT"] == "user.activate" }
    }

    @Test(
        "U-02, RFC 7644 §3.5.1: a request that does not say that an inactive user is active leaves it inactive",
        arguments: [
            (Method.put, put("")), (.put, put(#","active":null"#)), (.put, put(#","active":[]"#)),
            (.patch, #"{"op":"add","path":"active","value":null}"#),
            (.patch, #"{"op":"add","value":{"active":null,"title":"t"}}"#),
            (.patch, #"{"op":"remove","path":"active","value":true}"#),
            (.patch, #"{"op":"replace","value":{}}"#),
        ]
    )
    func staysInactive(method: Method, body: String) async throws {
        let client = try await service.client()
        let user = try await client.createUser("ann", #","active":false"#)
        let answer =
            method == .put
            ? try await client.send(.put, "/Users/\(user)", body)
            : try await client.patch("/Users/\(user)", body)
        #expect(answer.status == 200)
        #expect(answer.value("active") == .bool(false))
        #expect(try activations() == 0)
    }

    @Test(
        "audit 3.3: every way from inactive to active is told as one",
        arguments: [
            (Method.put, put(#","active":true"#)), (.put, put(#","active":"True""#)),
            (.patch, #"{"op":"replace","path":"active","value":true}"#),
            (.patch, #"{"op":"replace","value":{"active":true}}"#),
            (.patch, #"{"op":"add","path":"active","value":"true"}"#),
            (.patch, #"{"op":"remove","path":"active"}"#),
            (.patch, #"{"op":"remove","path":"active","value":false}"#),
            (.patch, #"{"op":"replace","path":"active","value":null}"#),
            (.patch, #"{"op":"replace","value":{"active":null}}"#),
        ]
    )
    func comesBack(method: Method, body: String) async throws {
        let client = try await service.client()
        let user = try await client.createUser("ann", #","active":false"#)
        #expect(try await client.send(.get, "/Users?filter=active%20eq%20true").integer("totalResults") == 0)
        let answer =
            method == .put
            ? try await client.send(.put, "/Users/\(user)", body)
            : try await client.patch("/Users/\(user)", body)
        #expect(answer.status == 200)
        #expect(answer.value("active") != .bool(false))
        #expect(try activations() == 1)
        #expect(try await client.send(.get, "/Users?filter=active%20eq%20true").integer("totalResults") == 1)
        #expect(try await client.send(.get, "/Users?filter=active%20eq%20false").integer("totalResults") == 0)
    }

    @Test("A user who was never said to be active is, and is told to be deactivated")
    func neverSaid() async throws {
        let client = try await service.client()
        let user = try await client.createUser("ann")
        #expect(try await client.send(.get, "/Users/\(user)").value("active") == nil)
        #expect(try await client.send(.get, "/Users?filter=active%20eq%20true").integer("totalResults") == 1)
        // To say so changes nothing about who may print.
        _ = try await client.patch("/Users/\(user)", #"{"op":"add","path":"active","value":true}"#)
        #expect(try activations() == 0)
        _ = try await client.patch("/Users/\(user)", #"{"op":"replace","value":{"active":false}}"#)
        #expect(try service.records().last?["SCIM_EVENT"] == "user.deactivate")
    }

    @Test("D-02: the schema tells what a user without the attribute is")
    func schema() async throws {
        let client = try await service.client()
        let schema = try await client.send(.get, "/Schemas/\(Schema.user.id)")
        #expect("\(schema.value("attributes") ?? .null)".contains("a user without this attribute may"))
    }
}
