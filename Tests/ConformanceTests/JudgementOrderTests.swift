import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

/// In which order a request is judged: what is wrong whatever the resource, then the resource, then its version.
@Suite("The order of judgement")
struct JudgementOrderTests {
    private static let ids = ["0190a000-0000-7000-8000-000000000000", "nobody"]

    private static let faults: [(String, SCIMError.Keyword)] = [
        (#"{"op":"move","path":"title","value":"x"}"#, .invalidSyntax), (#"{"op":"remove"}"#, .noTarget),
        (#"{"op":"replace","path":"na me","value":"x"}"#, .invalidPath),
        (#"{"op":"replace","path":"emails[type eq \"work\"","value":"x"}"#, .invalidPath),
        (#"{"op":"remove","path":"emails[typ ne \"work\"]"}"#, .invalidFilter),
        (#"{"op":"remove","path":"emails[primary gt true]"}"#, .invalidFilter),
        (#"{"op":"replace","path":"id","value":"x"}"#, .mutability),
        (#"{"op":"remove","path":"userName"}"#, .mutability),
        (#"{"op":"add","path":"groups","value":[{"value":"g"}]}"#, .mutability),
        (#"{"op":"replace","path":"active","value":"perhaps"}"#, .invalidValue),
        (#"{"op":"replace","path":"title","value":{"a":1}}"#, .invalidValue),
        (#"{"op":"replace","path":"emails[type eq \"work\"].primary","value":7}"#, .invalidValue),
        (
            #"{"op":"replace","value":{"title":"a","urn:ietf:params:scim:schemas:core:2.0:User:title":"b"}}"#,
            .invalidSyntax
        ),
        (#"{"op":"add","path":"title"}"#, .invalidValue),
    ]

    @Test(
        "RFC 7644 §3.12: a PATCH that is wrong whatever the resource is 400, whether or not there is such a resource",
        arguments: faults,
        ids
    )
    func patch(fault: (String, SCIMError.Keyword), id: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann", #","title":"t""#)
        for path in ["/Users/\(id)", "/Users/\(user)"] {
            let answer = try await client.patch(path, fault.0)
            #expect(answer.status == 400, "\(path)")
            #expect(answer.value("scimType") == .string(fault.1.rawValue), "\(path)")
        }
        let bulk = try await client.bulk([BulkText.patch("/Users/\(id)", fault.0)])
        #expect(bulk.value("Operations", "0", "status") == .string("400"))
        #expect(bulk.value("Operations", "0", "response", "scimType") == .string(fault.1.rawValue))
    }

    @Test("A good PATCH or PUT of an unknown resource is 404, a bad PUT 400", arguments: ids)
    func unknown(id: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        #expect(try await client.patch("/Users/\(id)", #"{"op":"remove","path":"title"}"#).status == 404)
        let good = #"{"schemas":["\#(Schema.user.id)"],"userName":"ann"}"#
        #expect(try await client.send(.put, "/Users/\(id)", good).status == 404)
        let bad = try await client.send(.put, "/Users/\(id)", #"{"schemas":["\#(Schema.user.id)"]}"#)
        #expect(bad.status == 400)
        #expect(bad.value("scimType") == .string("invalidValue"))
        #expect(try await client.send(.delete, "/Users/\(id)").status == 404)
        #expect(try await client.send(.get, "/Users/\(id)").status == 404)
    }

    @Test(
        "RFC 9110 §13.2.1: a body that is wrong comes before a version that does not match, that before what depends on the resource"
    )
    func version() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let user = try await client.createUser("ann")
        func patch(_ operation: String) async throws -> Int {
            let body = #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operation)]}"#
            return try await client.send(.patch, "/Users/\(user)", body, fields: [(.ifMatch, #"W/"x""#)])
                .status
        }
        #expect(try await patch(#"{"op":"replace","path":"id","value":"x"}"#) == 400)
        #expect(try await patch(#"{"op":"replace","path":"emails[type ne \"x\"].value","value":"y"}"#) == 412)
    }
}
