import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Passwords")
struct PasswordTests {
    private static let marker = "c4n4ry-Pa55word"

    private static func patch(_ operations: String) -> String {
        #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operations)]}"#
    }

    private static func user(_ more: String) -> String {
        #"{"schemas":["\#(Schema.user.id)"],"userName":"ann",\#(more)}"#
    }

    /// Every way in which clients send one, refused ways included; `{id}` stands for a user.
    private static let requests: [(HTTP.Method, String, String)] = [
        (.post, "/Users", user(#""password":"\#(marker)""#)),
        (.post, "/Users", user(#""PassWord":"\#(marker)","active":"no boolean""#)),
        (.post, "/Users", user(#""password":{"value":"\#(marker)"}"#)),
        (.post, "/Users", user(#""password":["\#(marker)","\#(marker)"]"#)),
        (.post, "/Users", user(#""password":"\#(marker)""#) + "x"),
        (.put, "/Users/{id}", user(#""password":"\#(marker)","title":"t""#)),
        (.put, "/Users/{id}", #"{"schemas":["urn:none"],"password":"\#(marker)"}"#),
        (.patch, "/Users/{id}", patch(#"{"op":"replace","path":"password","value":"\#(marker)"}"#)),
        (.patch, "/Users/{id}", patch(#"{"op":"Add","path":"PASSWORD","value":["\#(marker)"]}"#)),
        (.patch, "/Users/{id}", patch(#"{"op":"replace","value":{"password":"\#(marker)"}}"#)),
        (
            .patch, "/Users/{id}",
            patch(#"{"op":"add","path":"\#(Schema.user.id):password","value":"\#(marker)"}"#)
        ),
        (
            .patch, "/Users/{id}",
            patch(#"{"op":"add","value":{"\#(Schema.user.id)":{"password":"\#(marker)"}}}"#)
        ),
        (.patch, "/Users/{id}", patch(#"{"op":"remove","path":"password","value":"\#(marker)"}"#)),
        (.patch, "/Users/{id}", patch(#"{"op":"add","path":"password.value","value":"\#(marker)"}"#)),
        (
            .patch, "/Users/{id}",
            patch(#"{"op":"add","path":"password[value eq \"\#(marker)\"]","value":"x"}"#)
        ),
        (
            .patch, "/Users/{id}",
            patch(
                #"{"op":"add","path":"title","value":"t"},{"op":"add","path":"password","value":"\#(marker)"},{"op":"add","path":"active","value":"\#(marker)"}"#
            )
        ),
        (.get, "/Users?filter=password%20eq%20%22\(marker)%22", ""),
        (
            .post, "/Users/.search",
            #"{"schemas":["\#(SearchRequest.schema)"],"filter":"password eq \"\#(marker)\""}"#
        ),
        (
            .post, "/Bulk",
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{"schemas":["\#(Schema.user.id)"],"userName":"bob","password":"\#(marker)"}},{"method":"PATCH","path":"/Users/{id}","data":{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"password","value":"\#(marker)"}]}}]}"#
        ),
    ]

    @Test(
        "A-13, G5: a password is in no row of the store, no audit record and no answer, however it is sent",
        arguments: ProfileName.allCases
    )
    func nothingIsKept(profile: ProfileName) async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let id = try await client.createUser("carl")
        _ = try await service.administration.set(.profile, to: profile.rawValue, tenant: "acme", by: .system)
        var accepted = 0
        for (method, path, body) in Self.requests {
            let answer = try await client.send(
                method,
                path.replacing("{id}", with: id),
                body.replacing("{id}", with: id)
            )
            if (200..<300).contains(answer.status) { accepted += 1 }
            let text = String(decoding: answer.response.body, as: UTF8.self)
            #expect(!text.contains(Self.marker), "\(method.text) \(path): \(text)")
            #expect(!answer.response.fields.contains { $0.1.contains(Self.marker) })
        }
        #expect(accepted >= 3)
        for attributes in ["", "?attributes=password", "?attributes=userName,password"] {
            #expect(try await client.send(.get, "/Users/\(id)\(attributes)").value("password") == nil)
        }
        try await service.flushAudit()
        #expect(try service.records().contains { $0["SCIM_EVENT"] == "user.password" })
        for record in try service.records() {
            #expect(!record.contains { $0.value.contains(Self.marker) }, "\(record)")
        }
        #expect(try rows(service.store).allSatisfy { !$0.holds(Self.marker) })
        // The search itself finds what is there.
        #expect(try rows(service.store).contains { $0.holds("carl") })
    }

    @Test(
        "A-13, A-20: a filter on a password is 400 invalidFilter, so that nothing can be learnt from its outcome",
        arguments: [
            "password eq %22x%22", "password pr", "not (PASSWORD sw %22x%22)", "password ne null",
            "password[value pr]",
        ]
    )
    func filters(filter: String) async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let answer = try await client.send(.get, "/Users?filter=\(filter.replacing(" ", with: "%20"))")
        #expect(answer.status == 400)
        #expect(answer.value("scimType") == .string("invalidFilter"))
    }

    @Test("D-01, A-13: changePassword is not supported")
    func configuration() async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        let document = try await client.send(.get, "/ServiceProviderConfig")
        #expect(document.value("changePassword", "supported") == .bool(false))
    }

    @Test("ME-01: /Me answers 501, whatever the method, since a token stands for a tenant")
    func me() async throws {
        let client = try await TestService(store: MemoryStore(watched: Keys.access, clock: { 1 })).client()
        for method in [HTTP.Method.get, .head, .post, .put, .patch, .delete, Method("OPTIONS")] {
            for path in ["/Me", "/Me/", "/Me?attributes=userName", "/Me/x"] {
                #expect(try await client.send(method, path, "{}").status == 501, "\(method.text) \(path)")
            }
        }
    }

    /// The bytes of every key and value.
    private func rows(_ store: any Store) throws -> [[UInt8]] {
        try store.withSnapshot { snapshot throws(StoreError) in
            var rows: [[UInt8]] = []
            try snapshot.scan(prefix: Key([]), from: nil) { key, value, _ in
                rows.append((0..<key.count).map { key[$0] } + [0] + (0..<value.count).map { value[$0] })
                return .more
            }
            return rows
        }
    }
}

extension [UInt8] {
    fileprivate func holds(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard count >= bytes.count else { return false }
        return (0...count - bytes.count).contains { self[$0..<$0 + bytes.count].elementsEqual(bytes) }
    }
}
