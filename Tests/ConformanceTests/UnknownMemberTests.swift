import Audit
import Directory
import HTTP
import JSON
import Locking
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Members that are nobody")
struct UnknownMemberTests {
    private static let gone = "0190a000-0000-7000-8000-000000000000"

    private let service: TestService
    private let client: TestClient
    private let users: [String]
    private let group: String

    init() async throws {
        service = TestService(store: MemoryStore(clock: { 1 }))
        client = try await service.client()
        var users: [String] = []
        for name in ["ann", "bob", "cid"] { users.append(try await client.createUser(name)) }
        self.users = users
        group = try await client.createGroup("Staff", members: [users[0]])
    }

    private func list(_ ids: [String]) -> String {
        "[" + ids.map { #"{"value":"\#($0)"}"# }.joined(separator: ",") + "]"
    }

    private func resource(_ name: String, _ ids: [String]) -> String {
        #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(name)","members":\#(list(ids))}"#
    }

    private func members() async throws -> Set<String> {
        Set(try await client.send(.get, "/Groups/\(group)").texts("members"))
    }

    /// The ways in which a request can name members: each with the members of the group afterwards, if it is carried out.
    private func requests(
        _ ids: [String]
    ) -> [(name: String, send: () async throws -> TestAnswer, kept: Bool)] {
        let (client, path) = (client, "/Groups/\(group)?attributes=members")
        let value = list(ids)
        return [
            ("PUT", { try await client.send(.put, path, resource("Staff", ids)) }, false),
            (
                "replace",
                {
                    try await client.patch(path, #"{"op":"replace","path":"members","value":\#(value)}"#)
                },
                false
            ),
            (
                "add", { try await client.patch(path, #"{"op":"add","path":"members","value":\#(value)}"#) },
                true
            ),
            (
                "add without path",
                { try await client.patch(path, #"{"op":"add","value":{"members":\#(value)}}"#) }, true
            ),
            (
                "add and rename",
                {
                    try await client.patch(
                        path,
                        #"{"op":"replace","path":"displayName","value":"Staff"},{"op":"add","path":"members","value":\#(value)}"#
                    )
                },
                true
            ),
        ]
    }

    @Test(
        "A-17, H-02: a replacement of which nobody is there leaves the other operations what they are",
        arguments: [
            ("replace gone, remove ann", []), ("remove ann, replace gone", []),
            ("add bob, replace gone", [0, 1]), ("replace gone, add bob", [0, 1]),
            ("replace gone bob, remove bob", []), ("remove, replace gone", []),
            ("replace bob, replace gone", [1]), ("replace gone, replace cid", [2]),
            ("replace gone", [0]),
        ] as [(String, [Int])]
    )
    func voidReplacement(operations: String, kept: [Int]) async throws {
        _ = try await service.administration.set(
            .profile,
            to: "entra",
            tenant: client.tenant,
            by: .system
        )
        let ids = ["ann": users[0], "bob": users[1], "cid": users[2], "gone": Self.gone]
        let texts = operations.split(separator: ", ").map { operation in
            let words = operation.split(separator: " ").map(String.init)
            let value = words.count > 1 ? #","value":\#(list(words.dropFirst().compactMap { ids[$0] }))"# : ""
            return #"{"op":"\#(words[0])","path":"members"\#(value)}"#
        }
        let answer = try await client.patch("/Groups/\(group)", texts.joined(separator: ","))
        #expect(answer.status < 300)
        #expect(try await members() == Set(kept.map { users[$0] }))
    }

    @Test("A-17: a refusal names all ids that are nobody's, each once, and changes nothing")
    func named() async throws {
        let others = (1...3).map { "0190a000-0000-7000-8000-00000000000\($0)" }
        for request in requests([users[1], others[2], others[0], users[2], others[1], others[0]]) {
            let answer = try await request.send()
            #expect(answer.status == 400, "\(request.name)")
            #expect(answer.value("scimType") == .string("invalidValue"))
            #expect(
                try answer.text("detail").hasSuffix("these are not: \(others.joined(separator: ", ")).")
            )
            #expect(try await members() == [users[0]])
        }
        let created = try await client.send(.post, "/Groups", resource("New", [users[0], Self.gone]))
        #expect(created.status == 400)
        #expect(try created.text("detail").contains(Self.gone))
        let bulk = try await client.bulk([
            BulkText.group("a", "New", members: [users[0], Self.gone]),
            BulkText.put("/Groups/\(group)", resource("Staff", [Self.gone])),
            BulkText.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members","value":\#(list([Self.gone]))}"#
            ),
        ])
        for index in ["0", "1", "2"] {
            let detail = bulk.value("Operations", index, "response", "detail")
            guard case .string(let text)? = detail else {
                Issue.record("\(bulk)")
                continue
            }
            #expect(text.contains(Self.gone))
        }
        #expect(try await members() == [users[0]])
    }

    @Test("A-17, T-08: of many ids a refusal names fifty, and of texts that are no ids it tells the number")
    func bounded() async throws {
        func detail(_ ids: [String]) async throws -> String {
            let answer = try await client.send(.put, "/Groups/\(group)", resource("Staff", ids))
            #expect(answer.status == 400)
            return try answer.text("detail")
        }
        let dead = (100..<150).map { "0190a000-0000-7000-8000-000000000\($0)" }
        let fifty = try await detail(dead)
        #expect(fifty.contains(dead[49]) && !fifty.contains("more"))
        let more = try await detail(dead + ["0190a000-0000-7000-8000-000000000150", users[0]])
        #expect(more.hasSuffix("\(dead[49]) and 1 more."))
        let texts = try await detail(["ann@example.com", Self.gone, "canary"])
        #expect(texts.hasSuffix("these are not: \(Self.gone), and 2 values that are no ids."))
        #expect(try await detail(["canary"]).hasSuffix("these are not: 1 value that is no id."))
    }

    @Test("What a later operation takes back is not looked for; a group in itself is refused in any case")
    func lastWord() async throws {
        let add = #"{"op":"add","path":"members","value":\#(list([Self.gone, "canary"]))}"#
        let remove = #"{"op":"remove","path":"members[value eq \"\#(Self.gone)\"]"}"#
        let path = "/Groups/\(group)"
        #expect(try await client.patch(path, "\(add),\(remove)").text("detail").contains("1 value"))
        #expect(try await client.patch(path, #"\#(add),{"op":"remove","path":"members"}"#).status == 200)
        #expect(try await members() == [])
        for profile in ProfileName.allCases {
            _ = try await service.administration.set(
                .profile,
                to: profile.rawValue,
                tenant: "acme",
                by: .system
            )
            for request in requests([users[1], group]) where profile != .strict || request.name == "PUT" {
                let answer = try await request.send()
                #expect(answer.status == 400)
                #expect(try answer.text("detail").contains("itself"))
            }
        }
    }

    @Test(
        "A-17: where the profile says so, nobody's ids are left out, counted in the record, and keep no other from the group",
        arguments: [ProfileName.okta, .entra]
    )
    func leftOut(profile: ProfileName) async throws {
        _ = try await service.administration.set(.profile, to: profile.rawValue, tenant: "acme", by: .system)
        let ids = [users[1], Self.gone, "canary", users[2], Self.gone]
        for request in requests(ids) {
            _ = try await client.send(.put, "/Groups/\(group)", resource("Staff", [users[0]]))
            let answer = try await request.send()
            #expect(answer.status == 200, "\(request.name)")
            let expected = Set(users[1...]).union(request.kept ? [users[0]] : [])
            #expect(Set(answer.texts("members")) == expected)
            #expect(try await members() == expected)
            let record = try #require(try service.records().last)
            #expect(record["SCIM_MEMBERS_UNKNOWN"] == "2")
            #expect(record["SCIM_MEMBERS_ADDED"] == "2")
            #expect(!record.values.contains { $0.contains("canary") || $0.contains(Self.gone) })
        }
        let created = try await client.send(.post, "/Groups", resource("New", ids))
        #expect(created.status == 201)
        #expect(Set(created.texts("members")) == Set(users[1...]))
        let records = try service.records().count
        let nobody = try await client.patch(
            "/Groups/\(group)?attributes=members",
            #"{"op":"add","path":"members","value":\#(list([Self.gone]))}"#
        )
        #expect(nobody.status == 200)
        #expect(try service.records().count == records, "what changes nothing is not recorded")
        let bulk = try await client.bulk(
            [BulkText.put("/Groups/\(group)", resource("Staff", [users[0], Self.gone]))],
            isAtomic: true
        )
        #expect(bulk.value("Operations", "0", "status") == .string("200"))
        #expect(try await members() == [users[0]])
        #expect(try service.records().contains { $0["SCIM_MEMBERS_UNKNOWN"] == "1" })
    }

    @Test(
        "X-01: members that are deleted while they are added are left out or refused, never too many for an answer",
        arguments: ProfileName.allCases
    )
    func deletedMeanwhile(profile: ProfileName) async throws {
        let store = DeletingStore()
        let service = TestService(store: store)
        let client = try await service.client()
        _ = try await service.administration.set(.profile, to: profile.rawValue, tenant: "acme", by: .system)
        let group = try await client.createGroup("Staff")
        var people: [String] = []
        for number in 0..<40 { people.append(try await client.createUser("user\(number)")) }
        for (method, path) in [(HTTP.Method.put, "/Groups/\(group)"), (.post, "/Groups")] {
            store.deletionsLeft.withLock { $0 = 15 }
            let answer = try await client.send(method, path, resource("\(method)", people))
            guard profile.profile.contains(.unknownMembers) else {
                #expect(answer.status == 400)
                #expect(answer.value("scimType") == .string("invalidValue"))
                continue
            }
            #expect(answer.status == (method == .put ? 200 : 201))
            #expect(answer.texts("members").count == (method == .put ? 25 : 10))
        }
        #expect(try store.check().isClean)
    }

    @Test("X-01: one client deletes people while others push the group: nobody is told to try again")
    func twoClients() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await service.administration.set(.profile, to: "entra", tenant: "acme", by: .system)
        let group = try await client.createGroup("Staff")
        var people: [String] = []
        for number in 0..<200 { people.append(try await client.createUser("user\(number)")) }
        let body = resource("Staff", people)
        try await withThrowingTaskGroup(of: Void.self) { [people] tasks in
            tasks.addTask {
                for user in people[..<150] {
                    let answer = try await client.send(.delete, "/Users/\(user)")
                    #expect(answer.status == 204)
                }
            }
            for _ in 0..<2 {
                tasks.addTask {
                    for _ in 0..<6 {
                        let answer = try await client.send(.put, "/Groups/\(group)", body)
                        #expect(answer.status == 200)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        #expect(
            try await client.send(.put, "/Groups/\(group)", body).texts("members") == Array(people[150...])
        )
        #expect(try service.findings() == [])
    }

    @Test(
        "Members who are all nobody do not empty a group where they are left out, and those whom they are to replace stay",
        arguments: [ProfileName.okta, .entra]
    )
    func nobodyLeft(name: ProfileName) async throws {
        _ = try await service.administration.set(.profile, to: name.rawValue, tenant: "acme", by: .system)
        for value in [Self.gone, "ann@example.com"] {
            let path = "/Groups/\(group)"
            let replaced = try await client.patch(
                path,
                #"{"op":"replace","path":"members","value":\#(list([value]))}"#
            )
            #expect([200, 204].contains(replaced.status))
            #expect(try await client.send(.put, path, resource("Staff", [value])).status == 200)
            let exchanged = try await client.patch(
                path,
                #"{"op":"replace","path":"members[value eq \"\#(users[0])\"]","value":{"value":"\#(value)"}}"#
            )
            #expect(exchanged.status == 400)
            #expect(try await members() == [users[0]])
        }
        // What is said outright is done.
        let emptied = try await client.patch(
            "/Groups/\(group)",
            #"{"op":"replace","path":"members","value":[]}"#
        )
        #expect([200, 204].contains(emptied.status))
        #expect(try await members() == [])
    }
}
