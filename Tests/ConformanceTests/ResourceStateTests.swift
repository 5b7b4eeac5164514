import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("What is kept, shown and compared")
struct ResourceStateTests {
    private func client() async throws -> TestClient {
        try await TestService(store: MemoryStore(clock: { 1 })).client()
    }

    @Test(
        "A-12, F-04, U-05: names that differ in case, width or composition are one name, for creating and for looking up",
        arguments: [
            ("strasse@example.com", "STRAẞE@example.com"), ("straße", "STRASSE"),
            ("\u{E9}mile", "E\u{301}MILE"),
            ("kelvin", "\u{212A}elvin"), ("ann", "\u{FF21}\u{FF4E}\u{FF4E}"), ("ΟΔΟΣ", "οδος"),
            ("ﬁona", "FIONA"), ("Ω", "\u{2126}"),
        ]
    )
    func sameName(first: String, second: String) async throws {
        let client = try await client()
        let id = try await client.createUser(first)
        let body = #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(second)"}"#
        #expect(try await client.send(.post, "/Users", body).status == 409)
        let encoded = second.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let found = try await client.send(.get, "/Users?filter=userName+eq+%22\(encoded)%22")
        #expect(found.texts("Resources", "id") == [id])
        // What is answered is what was sent, byte for byte.
        #expect(found.value("Resources", "0", "userName") == .string(first))
        let renamed = try await client.send(.put, "/Users/\(id)", body)
        #expect(renamed.status == 200)
        #expect(renamed.value("userName") == .string(second))
    }

    @Test("A-12: names that only look alike are two", arguments: [("ı", "i"), ("a", "а"), ("ann", "ann2")])
    func otherName(first: String, second: String) async throws {
        let client = try await client()
        #expect(try await client.createUser(first) != client.createUser(second))
    }

    @Test(
        "E-05, C-01, U-05: the answer to each change is the state that a read then gives, not the request's text"
    )
    func answersAreState() async throws {
        let client = try await client()
        let created = try await client.send(
            .post,
            "/Users",
            #"{"schemas":["\#(Schema.user.id)"],"USERNAME":"ann","active":"TRUE","x":1,"title":null,"emails":{"value":"a@x"}}"#
        )
        let id = try created.text("id")
        #expect(created.value("active") == .bool(true))
        #expect(created.value("emails", "0", "value") == .string("a@x"))
        #expect(created.value("x") == nil)
        var answers = [created]
        var reads = [try await client.send(.get, "/Users/\(id)")]
        let put =
            #"{"schemas":["\#(Schema.user.id)"],"userName":"Ann","name":{"GIVENNAME":"Ann"},"nickName":""}"#
        answers.append(try await client.send(.put, "/Users/\(id)", put))
        reads.append(try await client.send(.get, "/Users/\(id)"))
        answers.append(
            try await client.patch("/Users/\(id)", #"{"op":"ADD","path":"ACTIVE","value":"False"}"#)
        )
        reads.append(try await client.send(.get, "/Users/\(id)"))
        for (answer, read) in zip(answers, reads) {
            #expect(answer.json == read.json)
            #expect(answer.response[.eTag] == read.response[.eTag])
        }
        #expect(try await client.send(.get, "/Users").value("Resources", "0") == reads.last?.json)
    }

    @Test(
        "A-14, A-03: countries and pictures are kept as they come; certificates are base64, one each, or refused"
    )
    func specialValues() async throws {
        let client = try await client()
        func create(_ name: String, _ more: String) async throws -> TestAnswer {
            try await client.send(
                .post,
                "/Users",
                #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(name)",\#(more)}"#
            )
        }
        let kept = try await create(
            "a",
            #""addresses":[{"country":"AT"}],"photos":[{"value":"https://example.com/a.png","type":"photo"}],"x509Certificates":[{"value":"MIIB"},{"value":"MIIC"}]"#
        )
        #expect(kept.status == 201)
        #expect(kept.texts("addresses", "country") == ["AT"])
        #expect(kept.texts("photos") == ["https://example.com/a.png"])
        #expect(kept.texts("x509Certificates") == ["MIIB", "MIIC"])
        for value in [#""no base64!""#, "7", #""MIIB\nMIIC""#, #""=""#] {
            let refused = try await create("b", #""x509Certificates":[{"value":\#(value)}]"#)
            #expect(refused.status == 400, "\(value)")
            #expect(refused.value("scimType") == .string("invalidValue"))
        }
    }

    @Test(
        "A-08, A-10: an id is the server's, is never another's again, and creation and change are told apart"
    )
    func identity() async throws {
        let client = try await client()
        var ids: Set<String> = []
        for _ in 0..<20 {
            let id = try await client.createUser(
                "ann",
                #","id":"bulkId:1","meta":{"created":"2001-01-01T00:00:00Z"}"#
            )
            #expect(!id.contains("bulkId"))
            #expect(ids.insert(id).inserted)
            let read = try await client.send(.get, "/Users/\(id)")
            #expect(read.value("meta", "created") == read.value("meta", "lastModified"))
            let changed = try await client.patch("/Users/\(id)", #"{"op":"add","path":"title","value":"x"}"#)
            #expect(changed.value("meta", "created") == read.value("meta", "created"))
            #expect(changed.value("meta", "lastModified") != read.value("meta", "lastModified"))
            #expect(try await client.send(.delete, "/Users/\(id)").status == 204)
        }
    }

    @Test("H-04, X-02: a PATCH of a group that fails in its name leaves its members, and the other way round")
    func groupAllOrNothing() async throws {
        let client = try await client()
        let ann = try await client.createUser("ann")
        let group = try await client.createGroup("Staff")
        _ = try await client.createGroup("Taken")
        let before = try await client.send(.get, "/Groups/\(group)")
        let add = #"{"op":"add","path":"members","value":[{"value":"\#(ann)"}]}"#
        let nobody =
            #"{"op":"add","path":"members","value":[{"value":"0190a000-0000-7000-8000-000000000000"}]}"#
        let rename = #"{"op":"replace","path":"displayName","value":"New"}"#
        let taken = #"{"op":"replace","path":"displayName","value":"TAKEN"}"#
        for (operations, status) in [
            ("\(add),\(taken)", 409), ("\(taken),\(add)", 409), ("\(rename),\(nobody)", 400),
            ("\(add),\(nobody),\(rename)", 400), ("\(add),{\"op\":\"remove\"}", 400),
        ] {
            #expect(try await client.patch("/Groups/\(group)", operations).status == status)
            let after = try await client.send(.get, "/Groups/\(group)")
            #expect(after.json == before.json)
        }
        let done = try await client.patch("/Groups/\(group)", "\(rename),\(add)")
        #expect(done.value("displayName") == .string("New"))
        #expect(done.texts("members") == [ann])
    }

    @Test("Q-08, A-13, D-06: a GET may name anything; changing passwords is told as not offered")
    func personalNames() async throws {
        let client = try await client()
        _ = try await client.createUser("a")
        let config = try await client.send(.get, "/ServiceProviderConfig")
        #expect(config.value("changePassword", "supported") == .bool(false))
        let personal = try await client.send(.get, "/Users?filter=emails.value+eq+%22a@example.com%22")
        #expect(personal.status == 200)
    }

    @Test("T-08, R-01, A-13: no refusal repeats a value that it refuses, in its answer or in the audit trail")
    func refusalsRepeatNothing() async throws {
        let client = try await client()
        let id = try await client.createUser("ann")
        _ = try await client.createUser("canary-taken")
        let group = try await client.createGroup("Staff")
        let requests: [(Method, String, String?)] = [
            (.get, "/Users?filter=userName+eq+%22canary", nil),
            (.get, "/Users?filter=canary+xx+%22a%22", nil),
            (.get, "/Users?count=canary", nil),
            (.post, "/.search", #"{"schemas":["SEARCH"],"filter":"userName eq canary x"}"#),
            (.post, "/Users/.search", #"{"schemas":["SEARCH"],"filter":["canary"],"count":"canary"}"#),
            (.get, "/Users/canary", nil), (.get, "/canary", nil),
            (.post, "/Users", #"{"schemas":["canary"],"userName":"canary"}"#),
            (.post, "/Users", #"{"schemas":["USER"],"userName":"CANARY-TAKEN","password":"canary"}"#),
            (.post, "/Users", #"{"schemas":["USER"],"userName":"x","active":"canary","password":"canary"}"#),
            (.post, "/Users", #"{"schemas":["USER"],"userName":"canary""#),
            (.put, "/Users/\(id)", #"{"schemas":["USER"],"userName":{"canary":"canary"}}"#),
            (
                .patch, "/Users/\(id)",
                #"{"schemas":["PATCH"],"Operations":[{"op":"replace","path":"emails[value eq \"canary\"","value":1}]}"#
            ),
            (
                .patch, "/Users/\(id)",
                #"{"schemas":["PATCH"],"Operations":[{"op":"replace","path":"password","value":{"a":"canary"}}]}"#
            ),
            (
                .patch, "/Users/\(id)",
                #"{"schemas":["PATCH"],"Operations":[{"op":"canary","path":"title","value":"canary"}]}"#
            ),
            (
                .patch, "/Groups/\(group)",
                #"{"schemas":["PATCH"],"Operations":[{"op":"add","path":"members","value":[{"value":"canary"}]}]}"#
            ),
        ]
        for (method, path, body) in requests {
            let text = body?.replacing("USER", with: Schema.user.id)
                .replacing("PATCH", with: PatchRequest.schema)
                .replacing("SEARCH", with: SearchRequest.schema)
            let answer = try await client.send(method, path, text)
            #expect(answer.status >= 400 || path.hasSuffix("\(id)"), "\(method.text) \(path)")
            let shown = String(decoding: answer.response.body, as: UTF8.self).lowercased()
            if answer.status >= 400 { #expect(!shown.contains("canary"), "\(shown)") }
        }
        for row in try client.service.log() {
            #expect(!String(decoding: row.payload, as: UTF8.self).lowercased().contains("canary"))
        }
    }
}
