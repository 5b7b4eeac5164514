import Audit
import Directory
import HTTP
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Requests with attributes that are ignored")
struct IgnoredRequestTests {
    private static let shoes = #"{"op":"add","path":"shoeSize","value":9}"#

    private static func user(_ more: String = "") -> String {
        #"{"schemas":["\#(Schema.user.id)"],"userName":"ann"\#(more)}"#
    }

    @Test(
        "POST, PUT and PATCH count, also where they change nothing; a request with nothing undefined does not"
    )
    func methods() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let path = "/Users/\(user)"
        #expect(try await client.patch(path, #"{"op":"add","path":"title","value":"t"}"#).status == 200)
        #expect(try await service.ignored() == [])

        _ = try await client.createUser("bob", #","shoeSize":9,"name":{"givenName":"b","shoeName":"x"}"#)
        #expect(try await service.ignored() == ["User name.shoeName 1", "User shoeSize 1"])
        for _ in 0..<2 {
            let answer = try await client.send(.put, path, Self.user(#","ShoeSize":9"#))
            #expect(answer.status == 200)
        }
        let before = try service.records().count
        for operations in [Self.shoes, "\(Self.shoes),\(Self.shoes)"] {
            #expect(try await client.patch(path, operations).status == 200)
        }
        #expect(try service.records().count == before)
        _ = try await client.createGroup("Staff")
        #expect(try await client.send(.delete, path).status == 204)
        #expect(try await service.ignored() == ["User name.shoeName 1", "User shoeSize 5"])
    }

    @Test("Each type of resource has its own list, and so has each tenant")
    func typesAndTenants() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let (client, other) = (try await service.client(), try await service.client("beta"))
        _ = try await client.createUser("ann", #","colour":"red""#)
        let group = try await client.createGroup("Staff")
        let operations =
            #"{"op":"add","path":"members","value":[]},{"op":"add","path":"colour","value":"red"}"#
        #expect(try await client.patch("/Groups/\(group)", operations).status == 200)
        _ = try await other.createUser("bob", #","urn:example:x:colour":"red""#)
        #expect(try await service.ignored("acme") == ["Group colour 1", "User colour 1"])
        #expect(try await service.ignored("beta") == ["User urn:example:x:colour 1"])
    }

    @Test("Refused requests do not count, for whatever reason")
    func refusals() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let path = "/Users/\(user)"
        #expect(try await client.send(.post, "/Users", Self.user(#","shoeSize":9"#)).status == 409)
        let wrong = #"{"op":"add","path":"active","value":"perhaps"}"#
        #expect(try await client.patch(path, "\(Self.shoes),\(wrong)").status == 400)
        #expect(try await client.patch("/Users/\(service.directory.makeID().text)", Self.shoes).status == 404)
        let stale = try await client.send(
            .put,
            path,
            Self.user(#","shoeSize":9"#),
            fields: [(.ifMatch, #"W/"0""#)]
        )
        #expect(stale.status == 412)
        var stranger = client
        stranger.token = "pharos_scim_nonsense"
        #expect(try await stranger.patch(path, Self.shoes).status == 401)
        _ = try await service.administration.set(.profile, to: "strict", tenant: "acme", by: .system)
        #expect(try await client.patch(path, Self.shoes).status == 400)
        #expect(try await service.ignored() == [])
        _ = try await service.administration.set(.profile, to: "okta", tenant: "acme", by: .system)
        #expect(try await client.patch(path, Self.shoes).status == 200)
        #expect(try await service.ignored() == ["User shoeSize 1"])
    }

    @Test("Each operation of a bulk request counts if it was made, and none of an atomic one that failed")
    func bulk() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let operations = [
            BulkText.user("a", "bob", #","shoeSize":9"#), BulkText.user("b", "bob", #","shoeSize":9"#),
            BulkText.patch("/Users/\(user)", Self.shoes), BulkText.retitle("/Users/\(user)", "t"),
            BulkText.patch("/Users/\(user)", #"{"op":"add","path":"hatSize","value":8}"#),
        ]
        let answer = try await client.bulk(operations)
        #expect(answer.texts("Operations", "status") == ["201", "409", "200", "200", "200"])
        #expect(try await service.ignored() == ["User hatSize 1", "User shoeSize 2"])
        _ = try await client.bulk(operations, isAtomic: true)
        #expect(try await service.ignored() == ["User hatSize 1", "User shoeSize 2"])
        let atomic = try await client.bulk(Array(operations.dropFirst(2)), isAtomic: true)
        #expect(atomic.texts("Operations", "status") == ["200", "200", "200"])
        #expect(try await service.ignored() == ["User hatSize 2", "User shoeSize 3"])
    }

    @Test("An operation that is staged again after a conflict counts once")
    func conflicts() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }), loops: 4)
        let client = try await service.client()
        let user = try await client.createUser("ann")
        try await withThrowingTaskGroup { group in
            for task in 0..<4 {
                group.addTask {
                    for round in 0..<10 {
                        let operations = (0..<5).map {
                            BulkText.patch(
                                "/Users/\(user)",
                                #"{"op":"replace","value":{"title":"\#(task).\#(round).\#($0)","shoeSize":9}}"#
                            )
                        }
                        let answer = try await client.bulk(operations)
                        let made = answer.texts("Operations", "status").count { $0 == "200" }
                        #expect(made == 5)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await service.ignored() == ["User shoeSize 200"])
    }
}
