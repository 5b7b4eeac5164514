import Audit
import Directory
import HTTP
import JSON
import Query
import SCIM
import Service
import Storage
import StorageLMDB
import Tenancy
import TestSupport
import Testing

@Suite("Pages by cursor")
struct CursorTests {
    private func client(
        _ features: ServiceProviderFeatures = ServiceProviderFeatures(),
        users: Int = 0
    ) async throws -> TestClient {
        let client = try await TestService(
            store: MemoryStore(watched: Keys.access, clock: { 1 }),
            features: features
        ).client()
        for number in 0..<users { _ = try await client.createUser("user\(number)") }
        return client
    }

    private func cursor(_ name: String, _ answer: TestAnswer) -> String? {
        if case .string(let text)? = answer.value(name) { text } else { nil }
    }

    @Test(
        "K-01, K-02, K-05, RFC 9865 §2: an empty cursor begins, every page but the last names the next one, every page but the first the previous one"
    )
    func pages() async throws {
        let client = try await client(users: 7)
        let all = try await client.send(.get, "/Users").texts("Resources", "id")
        let first = try await client.send(.get, "/Users?cursor&count=3")
        #expect(first.texts("Resources", "id") == Array(all[..<3]))
        #expect(first.integer("totalResults") == 7)
        #expect(first.integer("itemsPerPage") == 3)
        #expect(first.value("startIndex") == nil)
        #expect(first.value("previousCursor") == nil)
        let next = try #require(cursor("nextCursor", first))
        #expect(next.utf8.count <= ListCursors.textBytesMax)
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        #expect(next.allSatisfy(unreserved.contains))
        let second = try await client.send(.get, "/Users?cursor=\(next)&count=3")
        #expect(second.texts("Resources", "id") == Array(all[3..<6]))
        let afterSecond = try #require(cursor("nextCursor", second))
        let last = try await client.send(.get, "/Users?count=3&cursor=\(afterSecond)")
        #expect(last.texts("Resources", "id") == Array(all[6...]))
        #expect(last.value("nextCursor") == nil)
        let back = try #require(cursor("previousCursor", last))
        let again = try await client.send(.get, "/Users?cursor=\(back)&count=3")
        #expect(again.texts("Resources", "id") == Array(all[3..<6]))
        let start = try #require(cursor("previousCursor", again))
        let beginning = try await client.send(.get, "/Users?cursor=\(start)&count=3")
        #expect(beginning.texts("Resources", "id") == Array(all[..<3]))
        #expect(beginning.value("previousCursor") == nil)
        #expect(cursor("nextCursor", beginning) != nil)
    }

    @Test("K-01, K-04: a negative count is 0, a huge one the maximum, and what is no number is invalidCount")
    func counts() async throws {
        let client = try await client(ServiceProviderFeatures(maxPageSize: 4), users: 5)
        for count in ["0", "-3"] {
            let none = try await client.send(.get, "/Users?cursor=&count=\(count)")
            #expect(none.status == 200)
            #expect(none.integer("totalResults") == 5)
            #expect(none.integer("itemsPerPage") == 0)
        }
        #expect(try await client.send(.get, "/Users?cursor=&count=1000").integer("itemsPerPage") == 4)
        #expect(try await client.send(.get, "/Users?cursor=").integer("itemsPerPage") == 4)
        for count in ["x", "1.5", ""] {
            let refused = try await client.send(.get, "/Users?cursor=&count=\(count)")
            #expect(refused.status == 400)
            #expect(refused.value("scimType") == .string("invalidCount"))
        }
        let search = #"{"schemas":["\#(SearchRequest.schema)"],"cursor":"","count":"2"}"#
        #expect(
            try await client.send(.post, "/Users/.search", search).value("scimType")
                == .string("invalidCount")
        )
    }

    @Test(
        "K-03, K-04, RFC 9865 §2: a cursor beside any other parameter than its own is invalidCursor",
        arguments: [
            "", "count=2", "count=2&filter=userName+sw+%22u%22&sortBy=title",
            "count=2&filter=userName+sw+%22U%22", "count=2&filter=userName+sw+%22u%22&attributes=userName",
            "count=2&filter=userName+sw+%22u%22&excludedAttributes=name",
            "count=3&filter=userName+sw+%22u%22",
        ]
    )
    func otherQuery(query: String) async throws {
        let client = try await client(users: 5)
        let own = "count=2&filter=userName+sw+%22u%22"
        let next = try #require(
            cursor("nextCursor", try await client.send(.get, "/Users?cursor&\(own)"))
        )
        let refused = try await client.send(.get, "/Users?cursor=\(next)&\(query)")
        #expect(refused.status == 400)
        #expect(refused.value("scimType") == .string("invalidCursor"))
        #expect(try await client.send(.get, "/Groups?cursor=\(next)&\(own)").status == 400)
        #expect(try await client.send(.get, "?cursor=\(next)&\(own)").status == 400)
        #expect(
            try await client.send(.get, "/Users?cursor=\(next)&\(own)").texts("Resources", "id").count == 2
        )
    }

    @Test("K-04, K-07: what nobody made, what was changed and what is too long are refused in the same words")
    func tampered() async throws {
        let client = try await client(users: 3)
        let next = try #require(
            cursor("nextCursor", try await client.send(.get, "/Users?cursor&count=1"))
        )
        var bodies: Set<[UInt8]> = []
        var wrong = ["x", "AAAA", next + "A", String(next.dropLast()), String(repeating: "A", count: 2_000)]
        for index in 0..<next.count {
            var letters = Array(next)
            letters[index] = letters[index] == "A" ? "B" : "A"
            wrong.append(String(letters))
        }
        for cursor in wrong {
            let refused = try await client.send(.get, "/Users?count=1&cursor=\(cursor)")
            #expect(refused.status == 400)
            #expect(refused.value("scimType") == .string("invalidCursor"))
            bodies.insert(refused.response.body)
        }
        #expect(bodies.count == 1)
    }

    @Test(
        "K-07, M-03, RFC 9865 §5.2: a cursor is its token's alone; it ends with the token, and another tenant cannot use it"
    )
    func foreign() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        let other = try await service.client("beta")
        for client in [client, other] {
            for number in 0..<3 { _ = try await client.createUser("user\(number)") }
        }
        let next = try #require(
            cursor("nextCursor", try await client.send(.get, "/Users?cursor&count=1"))
        )
        let path = "/Users?count=1&cursor=\(next)"
        #expect(try await client.send(.get, path).status == 200)
        #expect(try await other.send(.get, path).value("scimType") == .string("invalidCursor"))
        var renewed = client
        renewed.token = try await service.administration.regenerateToken(
            tenant: "acme",
            overlapSeconds: 3_600,
            by: .system
        ).text
        #expect(try await renewed.send(.get, path).value("scimType") == .string("invalidCursor"))
        #expect(try await client.send(.get, path).status == 200)
        let old = try #require(client.token).dropFirst(Token.textPrefix.count).prefix(12)
        _ = try await service.administration.revokeToken(String(old), tenant: "acme", by: .system)
        #expect(try await client.send(.get, path).status == 401)
    }

    @Test("K-04, D-02: after the time that the configuration tells, a cursor is expired")
    func expired() async throws {
        let client = try await client(ServiceProviderFeatures(cursorTimeoutSeconds: 86_400), users: 3)
        let config = try await client.send(.get, "/ServiceProviderConfig")
        #expect(config.value("pagination", "cursorTimeout") == .number(JSONNumber(86_400)))
        let next = try #require(
            cursor("nextCursor", try await client.send(.get, "/Users?cursor&count=1"))
        )
        let path = "/Users?count=1&cursor=\(next)"
        #expect(try await client.send(.get, path).status == 200)
        client.service.clock.advance(days: 1)
        let refused = try await client.send(.get, path)
        #expect(refused.status == 400)
        #expect(refused.value("scimType") == .string("expiredCursor"))
    }

    @Test(
        "K-06, K-08, RFC 9865 §2.4, §3: without a cursor pages are by index; a cursor works in search requests too"
    )
    func searches() async throws {
        let client = try await client(users: 4)
        let group = try await client.createGroup("Staff")
        let byIndex = try await client.send(.get, "/Users?count=2")
        #expect(byIndex.value("startIndex") != nil)
        #expect(byIndex.value("nextCursor") == nil)
        let unset = #"{"schemas":["\#(SearchRequest.schema)"],"cursor":null,"count":2}"#
        #expect(try await client.send(.post, "/Users/.search", unset).value("nextCursor") == nil)
        let all = try await client.send(.get, "").texts("Resources", "id")
        #expect(all.last == group)
        for path in ["/.search", "/Users/.search"] {
            var found: [String] = []
            var next: String? = ""
            while let cursor = next {
                let body =
                    #"{"schemas":["\#(SearchRequest.schema)"],"cursor":"\#(cursor)","count":2,"startIndex":3}"#
                let page = try await client.send(.post, path, body)
                #expect(page.status == 200)
                found += page.texts("Resources", "id")
                next = self.cursor("nextCursor", page)
            }
            #expect(found == (path == "/.search" ? all : Array(all.dropLast())))
        }
    }

    @Test(
        "K-01, K-08, Q-04, C-01: a walk of all types shows groups with their members, and a tenant's own types"
    )
    func everyType() async throws {
        let client = try await client(users: 5)
        let users = try await client.send(.get, "/Users").texts("Resources", "id")
        for number in 0..<3 {
            _ = try await client.createGroup("Group \(number)", members: Array(users[number...]))
        }
        try await PrinterType.register(client.service)
        for number in 0..<3 { #expect(try await client.createPrinter("Printer \(number)").status == 201) }
        for path in ["", "/Groups", "/Printers", "/Users"] {
            guard case .array(let all)? = try await client.send(.get, path).value("Resources") else {
                Issue.record("no list at \(path)")
                continue
            }
            for sort in ["", #","sortBy":"displayName""#] {
                var found: [JSONValue] = []
                var next: String? = ""
                while let cursor = next {
                    let body =
                        #"{"schemas":["\#(SearchRequest.schema)"],"cursor":"\#(cursor)","count":2\#(sort)}"#
                    let page = try await client.send(.post, "\(path)/.search", body)
                    if case .array(let resources)? = page.value("Resources") { found += resources }
                    next = self.cursor("nextCursor", page)
                }
                if sort.isEmpty { #expect(found == all) }
                #expect(found.count == all.count)
                #expect(all.allSatisfy(found.contains))
            }
        }
    }

    @Test(
        "K-02, S-01, Q-05: a cursor leads through a sorted list beyond the last page by index, and values of any length"
    )
    func longValues() async throws {
        let client = try await client(ServiceProviderFeatures(sortedResultsMax: 2))
        let long = String(repeating: "é", count: 400)
        for number in 0..<6 {
            _ = try await client.createUser("user\(number)", #","title":"\#(long)\#(number % 2)""#)
        }
        let query = "/Users?sortBy=title&count=1"
        #expect(try await client.send(.get, "\(query)&startIndex=4").value("scimType") == .string("tooMany"))
        var found: [String] = []
        var next: String? = ""
        while let cursor = next {
            #expect(cursor.utf8.count <= ListCursors.textBytesMax)
            let page = try await client.send(.get, "\(query)&cursor=\(cursor)")
            #expect(page.integer("totalResults") == 6)
            found += page.texts("Resources", "id")
            next = self.cursor("nextCursor", page)
        }
        #expect(found.count == 6)
        #expect(Set(found).count == 6)
    }

    @Test("K-05: where an index names all that match, every page counts them, there and back")
    func counted() async throws {
        let client = try await client(users: 2)
        var expected: [String] = []
        for number in 0..<5 {
            expected.append(try await client.createUser("x\(number)", #","externalId":"x""#))
        }
        let query = "/Users?filter=externalId+eq+%22x%22&count=2"
        var pages: [TestAnswer] = []
        var next: String? = ""
        while let cursor = next {
            let page = try await client.send(.get, "\(query)&cursor=\(cursor)")
            #expect(page.integer("totalResults") == 5)
            pages.append(page)
            next = self.cursor("nextCursor", page)
        }
        #expect(pages.flatMap { $0.texts("Resources", "id") } == expected)
        var previous = cursor("previousCursor", pages[2])
        for index in [1, 0] {
            let page = try await client.send(.get, "\(query)&cursor=\(try #require(previous))")
            #expect(page.integer("totalResults") == 5)
            #expect(page.texts("Resources", "id") == pages[index].texts("Resources", "id"))
            previous = cursor("previousCursor", page)
        }
        #expect(previous == nil)
        // An id that a filter names need not be anybody's.
        let gone = try await client.createUser("gone")
        let byID = "/Users?filter=id+eq+%22\(gone)%22&cursor"
        #expect(try await client.send(.get, byID).integer("totalResults") == 1)
        _ = try await client.send(.delete, "/Users/\(gone)")
        for query in [byID, byID + "&sortBy=unheardOf"] {
            let nobody = try await client.send(.get, query)
            #expect(nobody.texts("Resources", "id") == [])
            #expect(nobody.integer("totalResults") == 0)
        }
        // Part of the filter has to be evaluated: what lies behind the page is not.
        let more = "/Users?filter=externalId+eq+%22x%22+and+userName+sw+%22x%22&count=2&cursor"
        let page = try await client.send(.get, more)
        #expect(page.texts("Resources", "id") == Array(expected[..<2]))
        #expect(page.value("totalResults") == nil)
    }

    @Test(
        "K-05: a filter that no index answers is looked at only as far as the page goes, and is then not counted"
    )
    func uncounted() async throws {
        let client = try await client(users: 6)
        let query = "/Users?filter=userName+co+%22user%22&count=2"
        let first = try await client.send(.get, "\(query)&cursor")
        #expect(first.value("totalResults") == nil)
        #expect(first.texts("Resources", "id").count == 2)
        // All of it has been seen, or an index or an order looks at all.
        let whole = "/Users?filter=userName+co+%22user%22&cursor"
        #expect(try await client.send(.get, whole).integer("totalResults") == 6)
        let sorted = try await client.send(.get, "\(query)&cursor&sortBy=title")
        #expect(sorted.integer("totalResults") == 6)
        let ordered = try await client.send(.get, "\(query)&cursor&sortBy=userName")
        #expect(ordered.value("totalResults") == nil)
        #expect(ordered.texts("Resources", "userName") == ["user0", "user1"])
        let one = try await client.send(.get, "/Users?filter=userName+eq+%22user3%22&cursor")
        #expect(one.integer("totalResults") == 1)
        #expect(one.value("nextCursor") == nil)
    }

    @Test(
        "K-05, Q-04: a page that ends before the last resource type does not count what it has not looked at"
    )
    func severalTypes() async throws {
        let client = try await client()
        for number in 0..<3 { _ = try await client.createUser("user\(number)", #","externalId":"x""#) }
        let group = #"{"schemas":["\#(Schema.group.id)"],"displayName":"Staff","externalId":"x"}"#
        #expect(try await client.send(.post, "/Groups", group).status == 201)
        var found: [String] = []
        var next: String? = ""
        while let cursor = next {
            let page = try await client.send(.get, "?filter=externalId+eq+%22x%22&count=2&cursor=\(cursor)")
            if let total = page.integer("totalResults") { #expect(total == 4) }
            found += page.texts("Resources", "id")
            next = self.cursor("nextCursor", page)
        }
        #expect(
            found == (try await client.send(.get, "?filter=externalId+eq+%22x%22").texts("Resources", "id"))
        )
        #expect(found.count == 4)
    }

    @Test("K-02, P-05: where a page's neighbours are deleted, the cursors still lead on and back")
    func deleted() async throws {
        let client = try await client(users: 6)
        let all = try await client.send(.get, "/Users").texts("Resources", "id")
        let first = try await client.send(.get, "/Users?cursor&count=2")
        let next = try #require(cursor("nextCursor", first))
        for id in all[1...] { _ = try await client.send(.delete, "/Users/\(id)") }
        let empty = try await client.send(.get, "/Users?count=2&cursor=\(next)")
        #expect(empty.texts("Resources", "id") == [])
        #expect(empty.value("nextCursor") == nil)
        let back = try #require(cursor("previousCursor", empty))
        let again = try await client.send(.get, "/Users?count=2&cursor=\(back)")
        #expect(again.texts("Resources", "id") == [all[0]])
        let forth = try #require(cursor("nextCursor", again))
        let late = try await client.createUser("late")
        let found = try await client.send(.get, "/Users?count=2&cursor=\(forth)")
        #expect(found.texts("Resources", "id") == [late])
    }

    @Test("K-07: the store's key is made once, by whichever request comes first; it outlives a restart")
    func restarted() async throws {
        try await withTemporaryFolder { folder in
            func open() throws -> LMDBStore {
                try LMDBStore(path: folder + "/store", configuration: .small) { 1 }
            }
            var store = try open()
            let client = try await TestService(store: store).client()
            for number in 0..<3 { _ = try await client.createUser("user\(number)") }
            let cursors = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        cursor("nextCursor", try await client.send(.get, "/Users?cursor&count=1"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            store.close()

            store = try open()
            let service = TestService(store: store)
            let later = TestClient(service: service, tenant: "acme", token: client.token)
            for cursor in cursors {
                let page = try await later.send(.get, "/Users?count=1&cursor=\(try #require(cursor))")
                #expect(page.texts("Resources", "userName") == ["user1"])
            }
            #expect(try store.check().isClean)
            #expect(try service.findings() == [])
            store.close()
        }
    }

    @Test("K-06, D-06: a server that offers no cursors tells so, and answers by index")
    func notOffered() async throws {
        let client = try await client(ServiceProviderFeatures(cursorTimeoutSeconds: nil), users: 2)
        let config = try await client.send(.get, "/ServiceProviderConfig")
        #expect(config.value("pagination", "cursor") == .bool(false))
        let answer = try await client.send(.get, "/Users?cursor&count=1")
        #expect(answer.status == 200)
        #expect(answer.value("nextCursor") == nil)
        #expect(answer.value("startIndex") != nil)
    }
}
