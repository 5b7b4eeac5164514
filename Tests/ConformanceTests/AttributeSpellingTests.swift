import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Spellings of attributes in bodies")
struct AttributeSpellingTests {
    private static let core = Schema.user.id
    private static let enterprise = Schema.enterpriseUser.id

    @Test(
        "RFC 7644 §3.10: one attribute under two names in one body is refused, by POST, PUT, PATCH and in bulk",
        arguments: [
            #""title":"a","\#(core):title":"b""#, #""title":"a","\#(core)":{"title":"b"}"#,
            #""title":"a","\#(core)":{"title":"a"}"#, #""name":{"givenName":"a"},"name.givenName":"b""#,
            #""\#(enterprise)":{"department":"a"},"\#(enterprise):department":"b""#,
            #""\#(enterprise)":{"department":"a"},"urn:scim:schemas:extension:enterprise:1.0":{"department":"b"}"#,
            #""\#(enterprise)":null,"\#(enterprise):department":"b""#,
            #""\#(core):title":"a","\#(core)":{"title":"b"}"#, #""title":"a","TITLE":"b""#,
            #""name":null,"name.givenName":"b""#,
        ]
    )
    func twice(members: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann", #","title":"t""#)
        let before = try await client.send(.get, "/Users/\(user)").json
        let body = #"{"schemas":["\#(Self.core)"],"userName":"bob",\#(members)}"#
        let operation = #"{"op":"replace","value":{\#(members)}}"#
        let bulk = #"{"method":"POST","path":"/Users","bulkId":"b","data":\#(body)}"#
        for answer in [
            try await client.send(.post, "/Users", body), try await client.send(.put, "/Users/\(user)", body),
            try await client.patch("/Users/\(user)", operation),
        ] {
            #expect(answer.status == 400)
            #expect(answer.value("scimType") == .string("invalidSyntax"))
        }
        let answer = try await client.bulk([bulk, BulkText.patch("/Users/\(user)", operation)])
        for index in ["0", "1"] { #expect(answer.value("Operations", index, "status") == .string("400")) }
        #expect(try await client.send(.get, "/Users/\(user)").json == before)
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test(
        "A resource may name an attribute by a path; the answer has it in its place",
        arguments: [
            (#""\#(core):title":"t""#, "title", #""t""#), (#""\#(core)":{"title":"t"}"#, "title", #""t""#),
            (
                #""name.givenName":"g","name":{"familyName":"f"}"#, "name",
                #"{"familyName":"f","givenName":"g"}"#
            ),
            (#""\#(enterprise):department":"d""#, enterprise, #"{"department":"d"}"#),
            (
                #""\#(enterprise):manager.value":"m","\#(enterprise)":{"costCenter":"c"}"#, enterprise,
                #"{"costCenter":"c","manager":{"value":"m"}}"#
            ),
            (#""emails[type eq \"work\"].value":"w@x""#, "emails", #"[{"type":"work","value":"w@x"}]"#),
        ]
    )
    func paths(members: String, attribute: String, value: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let body = #"{"schemas":["\#(Self.core)"],"userName":"ann",\#(members)}"#
        let made = try await client.send(.post, "/Users", body)
        #expect(made.status == 201)
        #expect(try made.value(attribute)?.ordered == JSONValue(parsing: Array(value.utf8)).ordered)
        let put = try await client.send(.put, "/Users/\(made.text("id"))", body)
        #expect(put.status == 200)
        #expect(put.value(attribute)?.ordered == made.value(attribute)?.ordered)
    }

    @Test("An extension may tell of its own schema inside its object, and nothing counts as ignored")
    func schemasInside() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let inside = #""\#(Self.enterprise)":{"schemas":["\#(Self.enterprise)"],"department":"d"}"#
        let user = try await client.createUser("ann", ",\(inside)")
        #expect(
            try await client.patch("/Users/\(user)", #"{"op":"replace","value":{\#(inside)}}"#).status == 200
        )
        let read = try await client.send(.get, "/Users/\(user)")
        #expect(read.value(Self.enterprise)?.text == #"{"department":"d"}"#)
        #expect(try service.records().allSatisfy { $0["SCIM_ATTR_IGNORED"] == nil })
        _ = try await service.administration.set(.profile, to: "strict", tenant: "acme", by: .system)
        let body = #"{"schemas":["\#(Self.core)","\#(Self.enterprise)"],"userName":"bob",\#(inside)}"#
        #expect(try await client.send(.post, "/Users", body).status == 400)
    }
}
