import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

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

    private struct Unexpected: Error {}
}
