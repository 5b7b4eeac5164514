import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Users over the pipeline")
struct UserLifecycleTests {
    private let body =
        #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Ann@Example.com","externalId":"00u1","name":{"givenName":"Ann","familyName":"Lee"},"emails":[{"value":"ann@example.com","type":"work","primary":true}],"active":true,"groups":[],"password":"s3cret!"}"#

    @Test(
        "C-01, C-02, C-04, A-08, A-10, A-13: a create answers 201 with the whole resource, its Location and ETag"
    )
    func create() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let answer = try await client.send(.post, "/Users", body)
        #expect(answer.status == 201)
        let id = try answer.text("id")
        let location = "https://scim.example.com/acme/scim/v2/Users/\(id)"
        #expect(answer.response[.location] == location)
        #expect(answer.value("meta", "location") == .string(location))
        #expect(answer.value("meta", "resourceType") == .string("User"))
        #expect(answer.value("meta", "created") == answer.value("meta", "lastModified"))
        #expect(answer.response[.eTag].map { .string($0) } == answer.value("meta", "version"))
        #expect(answer.response.contentType == "application/scim+json")
        #expect(answer.value("password") == nil)
        #expect(answer.value("name", "givenName") == .string("Ann"))

        let read = try await client.send(.get, "/Users/\(id)")
        #expect(read.status == 200)
        #expect(read.json == answer.json)
    }

    @Test("C-03, A-12, R-01: a second user of the same name, in any case, is refused with 409 uniqueness")
    func duplicate() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        _ = try await client.createUser("ann@example.com")
        let answer = try await client.send(.post, "/Users", body)
        #expect(answer.status == 409)
        #expect(answer.value("scimType") == .string("uniqueness"))
        #expect(answer.value("status") == .string("409"))
        #expect(answer.value("schemas", "0") == .string("urn:ietf:params:scim:api:messages:2.0:Error"))
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test("X-01, C-06: a deleted user is gone from everywhere, and its name is free again")
    func delete() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann@example.com")
        #expect(try await client.send(.delete, "/Users/\(id)").status == 204)
        for method in [Method.get, .put, .patch, .delete] {
            let answer = try await client.send(method, "/Users/\(id)", method == .get ? nil : body)
            #expect([400, 404].contains(answer.status))
        }
        #expect(try await client.send(.get, "/Users/\(id)").status == 404)
        #expect(try await client.send(.delete, "/Users/\(id)").status == 404)
        #expect(
            try await client.send(.get, "/Users?filter=userName%20eq%20%22ann@example.com%22")
                .integer("totalResults") == 0
        )
        #expect(try await client.send(.post, "/Users", body).status == 201)
    }

    @Test("U-01, U-02, U-05: a replace clears what it leaves out, keeps id and created, and answers 200")
    func replace() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let created = try await client.send(.post, "/Users", body)
        let id = try created.text("id")
        let answer = try await client.send(
            .put,
            "/Users/\(id)",
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"other","userName":"bob","meta":{"created":"2001-01-01T00:00:00Z"},"title":"Boss"}"#
        )
        #expect(answer.status == 200)
        #expect(try answer.text("id") == id)
        #expect(answer.value("meta", "created") == created.value("meta", "created"))
        #expect(answer.value("meta", "lastModified") != created.value("meta", "lastModified"))
        #expect(answer.value("name") == nil)
        #expect(answer.value("title") == .string("Boss"))
        let unknown = try await client.send(.put, "/Users/0190a000-0000-7000-8000-000000000000", body)
        #expect(unknown.status == 404)
    }

    @Test(
        "H-08, Okta: a path-less PATCH of active answers 200 with the resource, and look-ups still find the user"
    )
    func deactivate() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann@example.com", #","active":true"#)
        let answer = try await client.patch("/Users/\(id)", #"{"op":"replace","value":{"active":false}}"#)
        #expect(answer.status == 200)
        #expect(answer.value("active") == .bool(false))
        let found = try await client.send(
            .get,
            "/Users?filter=userName+eq+%22ANN@example.com%22&startIndex=1&count=100"
        )
        #expect(found.integer("totalResults") == 1)
        #expect(found.value("Resources", "0", "active") == .bool(false))
    }

    @Test("H-04: a PATCH that fails in its last operation changes nothing")
    func allOrNothing() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann@example.com")
        let before = try await client.send(.get, "/Users/\(id)")
        let answer = try await client.patch(
            "/Users/\(id)",
            #"{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"active","value":"maybe"}"#
        )
        #expect(answer.status == 400)
        #expect(answer.value("scimType") == .string("invalidValue"))
        #expect(try await client.send(.get, "/Users/\(id)").json == before.json)
    }

    @Test("H-09: a PATCH that changes nothing keeps version and lastModified, and leaves no audit record")
    func noChange() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann@example.com", #","title":"x""#)
        let before = try await client.send(.get, "/Users/\(id)")
        let records = try client.service.log().count
        let answer = try await client.patch("/Users/\(id)", #"{"op":"replace","path":"title","value":"x"}"#)
        #expect(answer.status == 200)
        #expect(answer.json == before.json)
        #expect(try client.service.log().count == records)
    }

    @Test(
        "V-01, V-02: If-None-Match answers 304, a stale If-Match 412, and the right one lets the change through"
    )
    func versions() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let id = try await client.createUser("ann@example.com")
        let tag = try #require(try await client.send(.get, "/Users/\(id)").response[.eTag])
        let cached = try await client.send(.get, "/Users/\(id)", fields: [(.ifNoneMatch, tag)])
        #expect(cached.status == 304)
        #expect(cached.response.body.isEmpty)
        let change =
            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#
        #expect(
            try await client.send(.patch, "/Users/\(id)", change, fields: [(.ifMatch, tag)]).status == 200
        )
        #expect(
            try await client.send(.patch, "/Users/\(id)", change, fields: [(.ifMatch, tag)]).status == 412
        )
        #expect(try await client.send(.delete, "/Users/\(id)", fields: [(.ifMatch, tag)]).status == 412)
        #expect(try await client.send(.delete, "/Users/\(id)", fields: [(.ifMatch, "*")]).status == 204)
    }

    @Test("Q-02, P-01 to P-05: pages have a stable order, integer counters and an empty page past the end")
    func paging() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        var ids: [String] = []
        for number in 0..<7 { ids.append(try await client.createUser("user\(number)")) }
        var seen: [String] = []
        for start in [1, 4, 7] {
            let page = try await client.send(.get, "/Users?startIndex=\(start)&count=3")
            #expect(page.integer("totalResults") == 7)
            #expect(page.integer("startIndex") == start)
            #expect(page.integer("itemsPerPage") == min(3, 8 - start))
            seen += page.texts("Resources", "id")
        }
        #expect(seen == ids)
        for (query, items) in [
            ("startIndex=100&count=5", 0), ("count=0", 0), ("count=-3", 0), ("startIndex=-4&count=2", 2),
        ] {
            let page = try await client.send(.get, "/Users?\(query)")
            #expect(page.status == 200)
            #expect(page.integer("totalResults") == 7)
            #expect(page.texts("Resources", "id").count == items)
        }
        #expect(try await client.send(.get, "/Users?count=x").status == 400)
    }

    @Test(
        "Q-06: attributes and excludedAttributes narrow every answer to the minimum set and what was asked for"
    )
    func projection() async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let created = try await client.send(.post, "/Users?attributes=userName,name.familyName", body)
        guard case .object(let object)? = created.json else { return #expect(Bool(false), "no object") }
        #expect(Set(object.members.map(\.name)) == ["schemas", "id", "userName", "name"])
        #expect(created.value("name", "givenName") == nil)
        let id = try created.text("id")
        let excluded = try await client.send(
            .get,
            "/Users/\(id)?excludedAttributes=emails,%20id,name.givenName"
        )
        #expect(excluded.value("emails") == nil)
        #expect(excluded.value("id") != nil)
        #expect(excluded.value("name", "familyName") == .string("Lee"))
        #expect(excluded.value("name", "givenName") == nil)
        #expect(try await client.send(.get, "/Users?attributes=id&excludedAttributes=name").status == 400)
        let both = try await client.send(.post, "/Users?attributes=id&excludedAttributes=name", body)
        #expect(both.status == 400)
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }
}
