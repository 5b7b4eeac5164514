import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Media types and encoding")
struct MediaTypeTests {
    private static let body = #"{"schemas":["\#(Schema.user.id)"],"userName":"Zoë 🖨️ 名"}"#

    @Test(
        "E-01, E-03: both media types are read, in any case, with parameters or none, and so is a body without a type",
        arguments: [
            "application/scim+json", "application/json", "application/scim+json; charset=utf-8",
            "application/json;charset=UTF-8", "Application/SCIM+JSON", "application/scim+json ; x=\"y\"", nil,
        ]
    )
    func accepted(type: String?) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let fields = type.map { [(FieldName.contentType, $0)] } ?? []
        let answer = try await client.send(.post, "/Users", Self.body, fields: fields)
        #expect(answer.status == 201)
        #expect(answer.response.contentType == "application/scim+json")
        #expect(answer.value("userName") == .string("Zoë 🖨️ 名"))
    }

    @Test(
        "E-03, R-02: another media type is 415 for every method with a body, and nothing changes",
        arguments: [
            "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx", "json",
            "application/scim", "", "application/json-patch+json", "multipart/form-data; boundary=x",
        ]
    )
    func refused(type: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann")
        let before = try await client.send(.get, "/Users/\(id)")
        for (method, path) in [(Method.post, "/Users"), (.put, "/Users/\(id)"), (.patch, "/Users/\(id)")] {
            let answer = try await client.send(method, path, Self.body, fields: [(.contentType, type)])
            #expect(answer.status == 415)
            #expect(AnswerFaults(answer, error: nil).sentences == [])
        }
        #expect(try await client.send(.get, "/Users/\(id)").json == before.json)
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test(
        "RFC 9110 §8.4.1: identity is no content coding, so that a body with it is read",
        arguments: ["identity", "Identity", "identity, identity", " identity ,", ""]
    )
    func uncompressed(coding: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let answer = try await client.send(.post, "/Users", Self.body, fields: [(.contentEncoding, coding)])
        #expect(answer.status == 201)
        #expect(answer.response[.acceptEncoding] == nil)
    }

    @Test(
        "RFC 9110 §15.5.16: a compressed body is 415 wherever one is read, the answer tells what would have been, and nothing changes",
        arguments: [
            ["gzip"], ["GZIP"], ["deflate"], ["br"], ["x-gzip"], ["identity, gzip"], ["identity", "gzip"],
            ["gzip;q=1"], ["identity2"],
        ]
    )
    func compressed(codings: [String]) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann")
        let before = try await client.send(.get, "/Users/\(id)")
        for (method, path) in [
            (Method.post, "/Users"), (.put, "/Users/\(id)"), (.patch, "/Users/\(id)"), (.post, "/Bulk"),
            (.post, "/.search"), (.post, "/Users/.search"),
        ] {
            let answer = try await client.send(
                method,
                path,
                Self.body,
                fields: codings.map { (.contentEncoding, $0) }
            )
            #expect(answer.status == 415)
            #expect(answer.response[.acceptEncoding] == "identity")
            #expect(try answer.text("detail").contains("uncompressed"))
            #expect(AnswerFaults(answer, error: nil).sentences == [])
        }
        #expect(try await client.send(.get, "/Users/\(id)").json == before.json)
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test("RFC 8259 §8.1: a byte order mark in front of a body is skipped; alone it is no body")
    func byteOrderMark() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        #expect(try await client.send(.post, "/Users", "\u{FEFF}\(Self.body)").status == 201)
        for body in ["\u{FEFF}", "\u{FEFF}\u{FEFF}\(Self.body)", " \u{FEFF}\(Self.body)"] {
            let answer = try await client.send(.post, "/Users", body)
            #expect(answer.value("scimType") == .string("invalidSyntax"))
        }
    }

    @Test(
        "E-02, clients 4.16: whatever is accepted, the answer is application/scim+json",
        arguments: ["application/scim+json", "application/json", "*/*", "text/html", "", nil]
    )
    func accept(accept: String?) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let fields = accept.map { [(FieldName.accept, $0)] } ?? []
        for path in ["/Users", "/Schemas", "/ServiceProviderConfig"] {
            let answer = try await client.send(.get, path, fields: fields)
            #expect(answer.status == 200)
            #expect(answer.response.contentType == "application/scim+json")
        }
        let missing = try await client.send(.get, "/Users/x", fields: fields)
        #expect(missing.status == 404)
        #expect(missing.response.contentType == "application/scim+json")
    }

    @Test("E-01: bytes that are no UTF-8 are refused as invalidSyntax")
    func invalidUTF8() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let token = try #require(client.token)
        let request = Request(
            method: .post,
            target: try Target("/acme/scim/v2/Users"),
            fields: Fields([(.authorization, "Bearer \(token)")]),
            body: Array(#"{"schemas":["\#(Schema.user.id)"],"userName":""#.utf8) + [0xC3, 0x28]
                + Array(#""}"#.utf8),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
        let answer = TestAnswer(await client.service.send(request))
        #expect(answer.status == 400)
        #expect(AnswerFaults(answer, error: "invalidSyntax").sentences == [])
    }

    @Test(
        "E-06: a look-up finds what was written with + and with %20, in either case of the hexadecimal digits"
    )
    func encodings() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("Zoë+lee@example.com")
        for name in [
            "Zo%C3%AB%2Blee%40example.com", "zo%c3%ab%2blee@example.com", "ZO%C3%8B%2bLEE%40example.com",
        ] {
            for space in ["+", "%20"] {
                let answer = try await client.send(
                    .get,
                    "/Users?filter=userName\(space)eq\(space)%22\(name)%22"
                )
                #expect(answer.texts("Resources", "id") == [id], "\(name)")
            }
        }
        let plus = try await client.send(.get, "/Users?filter=userName+eq+%22Zo%C3%AB+lee@example.com%22")
        #expect(plus.integer("totalResults") == 0)
    }

    @Test("E-04, D-04: the schemas of messages are no resources' schemas, and are not listed")
    func messageSchemas() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let ids = try await client.send(.get, "/Schemas").texts("Resources", "id")
        #expect(
            Set(ids) == [Schema.user.id, Schema.enterpriseUser.id, Schema.pharosUser.id, Schema.group.id]
        )
        for message in [ListResponse.schema, ErrorMessage.schema, PatchRequest.schema] {
            #expect(message.hasPrefix("urn:ietf:params:scim:api:messages:2.0:"))
            #expect(try await client.send(.get, "/Schemas/\(message)").status == 404)
        }
    }
}
