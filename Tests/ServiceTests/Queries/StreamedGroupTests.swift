import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@testable import Query

@Suite("Reading large groups")
struct StreamedGroupTests {
    private static let count = 1_500

    private let service = TestService(store: MemoryStore(clock: { 1 }))
    private let client: TestClient
    private var users: [String] = []
    private let group: String

    init() async throws {
        client = try await service.client()
        for number in 0..<Self.count { users.append(try await client.createUser("u\(number)")) }
        group = try await client.createGroup("All", members: users)
    }

    private func get(_ query: String = "", method: HTTP.Method = .get) throws -> Request {
        Request(
            method: method,
            target: try Target("/acme/scim/v2/Groups/\(group)\(query)"),
            fields: Fields([(.authorization, "Bearer \(client.token ?? "")")]),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
    }

    @Test("a large group's answer begins with its first members, and its parts come to the whole")
    func parts() async throws {
        let begun = await service.begin(try get())
        #expect(begun.status == .ok && begun.rest != nil)
        #expect(begun.body.count < 150_000)
        let answer = TestAnswer(try #require(await begun.whole()))
        #expect(answer.texts("members") == users.sorted())
        #expect(try answer.text("meta", "version") == answer.response[.eTag])
        let short = await service.begin(try get("?excludedAttributes=members"))
        #expect(short.rest == nil && short[.eTag] == answer.response[.eTag])
        let known = try get()
        var conditional = known
        conditional.fields = Fields(
            [(.authorization, "Bearer \(client.token ?? "")"), (.ifNoneMatch, answer.response[.eTag] ?? "")]
        )
        let unchanged = await service.begin(conditional)
        #expect(unchanged.status == .notModified && unchanged.rest == nil)
    }

    /// What happens to a group of which a part has been sent.
    enum Event: CaseIterable { case addition, removal, replacement, deletion }

    @Test(
        "what was told in the beginning is true of all that is sent, or the answer breaks off",
        arguments: Event.allCases
    )
    func changed(event: Event) async throws {
        let other = try await client.createGroup("Other", members: users)
        let rest = try #require(await service.begin(try get()).rest)
        guard case .more = await rest.next() else { throw Unexpected() }
        switch event {
        case .addition:
            let late = try await client.createUser("late")
            _ = try await client.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members","value":[{"value":"\#(late)"}]}"#
            )
        case .removal:
            _ = try await client.patch(
                "/Groups/\(group)",
                #"{"op":"remove","path":"members[value eq \"\#(users[7])\"]"}"#
            )
        case .replacement:
            let body = #"{"schemas":["\#(Schema.group.id)"],"displayName":"All","members":[]}"#
            #expect(try await client.send(.put, "/Groups/\(group)", body).status == 200)
        case .deletion: #expect(try await client.send(.delete, "/Groups/\(group)").status == 204)
        }
        guard case .broken = await rest.next() else { throw Unexpected() }
        // Nobody else's answer is concerned.
        let answer = try await client.send(.get, "/Groups/\(other)")
        #expect(answer.texts("members").count == Self.count)
    }

    @Test("a change of another group, and two readers at once, leave an answer as it is")
    func undisturbed() async throws {
        let first = await service.begin(try get())
        let second = await service.begin(try get())
        _ = try await client.createGroup("Small", members: [users[0]])
        async let one = first.whole()
        async let two = second.whole()
        let bodies = await [one?.body, two?.body]
        #expect(bodies[0] != nil && bodies[0] == bodies[1])
    }

    @Test("the answer to a change that shows many members is sent in parts, and is what the change made")
    func changes() async throws {
        let list = users.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let body = #"{"schemas":["\#(Schema.group.id)"],"displayName":"New","members":[\#(list)]}"#
        var create = try get()
        create.method = .post
        create.target = try Target("/acme/scim/v2/Groups")
        create.body = Array(body.utf8)
        let begun = await service.begin(create)
        #expect(begun.status == .created && begun.rest != nil)
        let answer = TestAnswer(try #require(await begun.whole()))
        #expect(answer.texts("members") == users.sorted())
        #expect(try answer.text("meta", "version") == answer.response[.eTag])
    }

    @Test("membersCursor pages within the members, each shown once while others leave")
    func pages() async throws {
        var shown: [String] = []
        var cursor: String? = ""
        var pages = 0
        while let asked = cursor {
            let page = try await client.send(.get, "/Groups/\(group)?membersCursor=\(asked)&membersCount=400")
            #expect(page.status == 200)
            shown += page.texts("members")
            cursor = page.response[FieldName("Members-Next-Cursor")]
            pages += 1
            // The next page begins behind whoever has left.
            if pages == 2, let leaving = cursor {
                #expect(try await client.send(.delete, "/Users/\(leaving)").status == 204)
            }
        }
        #expect(pages == 4)
        #expect(shown.count == Self.count - 1 && Set(shown).count == shown.count && shown == shown.sorted())
        for refused in ["membersCursor=x", "membersCursor=&membersCount=0", "membersCursor=&membersCount=y"] {
            #expect(try await client.send(.get, "/Groups/\(group)?\(refused)").status == 400)
        }
        let usual = try await client.send(.get, "/Groups/\(group)?membersCursor=")
        #expect(usual.texts("members").count == 1_000)
        // Of users it says nothing.
        #expect(try await client.send(.get, "/Users/\(users[0])?membersCursor=x").status == 200)
    }

    /// What a list of five large groups is asked by, how many it shows, and whether it is sent in parts.
    private static let lists = [
        ("count=10", 5, true), ("count=10&startIndex=2", 4, true), ("count=10&sortBy=displayName", 5, true),
        ("count=10&filter=displayName%20sw%20%22g%22", 4, true), ("count=10&cursor=", 5, true),
        ("count=10&filter=not%20(displayName%20eq%20%22x%22)", 5, true),
        ("count=10&excludedAttributes=members", 5, false), ("count=1", 1, false), ("count=0", 0, false),
    ]

    private func list(_ query: String) async throws -> Response {
        var request = try get()
        request.target = try Target("/acme/scim/v2/Groups?\(query)")
        return await service.begin(request)
    }

    @Test(
        "RFC 7644 §3.4.2: a page with large groups is sent in parts, and shows what it would show in one",
        arguments: lists
    )
    func list(query: String, count: Int, isSent: Bool) async throws {
        for number in 0..<4 { _ = try await client.createGroup("g\(number)", members: users) }
        let begun = try await list(query)
        #expect(begun.status == .ok && (begun.rest != nil) == isSent)
        #expect(begun.body.count < QueryRun.streamedPageBytesMin + 150_000)
        let page = TestAnswer(try #require(await begun.whole()))
        #expect(page.integer("itemsPerPage") == count)
        let groups = page.texts("Resources", "id")
        #expect(groups.count == count)
        guard isSent else { return }
        let members = page.response.body.split(separator: UInt8(ascii: "]")).count
        #expect(members > count)
        for group in groups {
            let one = try await client.send(.get, "/Groups/\(group)").response.body
            #expect(page.response.body.firstRange(of: one) != nil)
        }
    }

    @Test("a page before its cursor is one piece, and shows what the page there showed")
    func backward() async throws {
        for number in 0..<5 { _ = try await client.createGroup("g\(number)", members: users) }
        let first = TestAnswer(try #require(await list("count=3&cursor=").whole()))
        let next = try first.text("nextCursor")
        let second = TestAnswer(try #require(await list("count=3&cursor=\(next)").whole()))
        let back = try await list("count=3&cursor=\(second.text("previousCursor"))")
        #expect(back.rest == nil && back.body.count > QueryRun.streamedPageBytesMin)
        #expect(TestAnswer(back).texts("Resources", "id") == first.texts("Resources", "id"))
    }

    @Test("a list goes on where a group goes that it has not come to, and where others read it too")
    func listBesideChanges() async throws {
        for number in 0..<4 { _ = try await client.createGroup("g\(number)", members: users) }
        let (begun, other) = (try await list("count=10"), try await list("count=10"))
        let groups = try await ids()
        #expect(try await client.send(.delete, "/Groups/\(groups[4])").status == 204)
        async let one = begun.whole()
        async let two = other.whole()
        for answer in await [one, two] {
            let page = TestAnswer(try #require(answer))
            #expect(page.integer("itemsPerPage") == 4)
            #expect(page.texts("Resources", "id") == Array(groups.prefix(4)))
        }
    }

    @Test(
        "a list breaks off where a group of it changes or goes whose members are sent in part",
        arguments: [true, false]
    )
    func listOfChanged(isDeleted: Bool) async throws {
        for number in 0..<4 { _ = try await client.createGroup("g\(number)", members: users) }
        let begun = try await list("count=10")
        let rest = try #require(begun.rest)
        for id in try await ids() {
            if isDeleted {
                #expect(try await client.send(.delete, "/Groups/\(id)").status == 204)
            } else {
                let body = #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(id)","members":[]}"#
                #expect(try await client.send(.put, "/Groups/\(id)", body).status == 200)
            }
        }
        guard case .broken = await rest.next() else { throw Unexpected() }
    }

    /// The ids of all groups, in their order.
    private func ids() async throws -> [String] {
        try await client.send(.get, "/Groups?excludedAttributes=members").texts("Resources", "id")
    }

    private struct Unexpected: Error {}
}
