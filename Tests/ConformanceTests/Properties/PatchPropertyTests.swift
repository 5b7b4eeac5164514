import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Any history of PATCH requests")
struct PatchPropertyTests {
    private static let requestsPerSeed = 60

    @Test(
        "H-01 to H-14, U-01, X-01, X-02, V-01, RFC 7644 §3.5.2: a random history leaves users as a plain model of the RFC has them",
        arguments: PropertyRounds.seeds(12)
    )
    func users(seed: UInt64) async throws {
        var history = try await UserHistory(seed: seed)
        for number in 0..<Self.requestsPerSeed { try await history.step("seed \(seed), request \(number)") }
        #expect(history.changes > Self.requestsPerSeed / 3)
        try history.checkStore()
    }

    @Test(
        "H-10 to H-13, A-16, A-17, X-02: a random history of members leaves groups and users as plain sets have them",
        arguments: PropertyRounds.seeds(12)
    )
    func members(seed: UInt64) async throws {
        var history = try await MemberHistory(seed: seed)
        for number in 0..<Self.requestsPerSeed { try await history.step("seed \(seed), request \(number)") }
        try await history.checkAll("seed \(seed)")
    }
}

/// Users under random requests, beside the model.
private struct UserHistory {
    private let client: TestClient
    private var draw: RandomPatch
    private var users: [(id: String, model: ModelUser, version: JSONValue?)] = []
    private(set) var changes = 0

    init(seed: UInt64) async throws {
        client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        draw = RandomPatch(random: SeededGenerator(seed: seed))
        for name in ["one", "two", "three"] { try await create(.string(name)) }
    }

    private mutating func create(_ name: JSONValue) async throws {
        var model = ModelUser()
        model.set("userName", name)
        let isTaken = users.contains { $0.model.name == model.name }
        let answer = try await client.send(.post, "/Users", JSONValue.object(model.json).text)
        #expect(answer.status == (isTaken ? 409 : 201))
        if !isTaken { users.append((try answer.text("id"), model, answer.value("meta", "version"))) }
    }

    mutating func step(_ place: String) async throws {
        if draw.random.isOne(in: 20) { try await create(draw.newName()) }
        if users.count > 2, draw.random.isOne(in: 25) { return try await delete() }
        let index = Int.random(in: users.indices, using: &draw.random)
        let operations = (0..<Int.random(in: 1...4, using: &draw.random)).map { _ in draw.next() }
        let text = operations.map(\.json.text).joined(separator: ",")
        let answer = try await client.patch("/Users/\(users[index].id)", text)
        let expected = outcome(operations, of: index)
        switch expected {
        case .success(let model):
            #expect(answer.status == 200, "\(place): \(text)")
            users[index].model = model
        case .failure(let refusal):
            #expect(answer.status == (refusal.keyword == .uniqueness ? 409 : 400), "\(place): \(text)")
            #expect(answer.value("scimType") == .string(refusal.keyword.rawValue), "\(place): \(text)")
        }
        try await compare(index, expected, "\(place): \(text)")
    }

    private func outcome(_ operations: [ModelOperation], of index: Int) -> Result<ModelUser, ModelRefusal> {
        do throws(ModelRefusal) {
            // What is wrong whatever the resource comes first.
            if let fault = operations.lazy.compactMap(\.fault).first { throw ModelRefusal(fault) }
            if operations.compactMap(\.assignsName).last == false { throw ModelRefusal(.invalidValue) }
            var model = users[index].model
            for operation in operations { try operation.apply(&model) }
            let changed = try model.validated()
            let isTaken = users.indices.contains { $0 != index && users[$0].model.name == changed.name }
            if isTaken { throw ModelRefusal(.uniqueness) }
            return .success(changed)
        } catch { return .failure(error) }
    }

    /// The user as it is read, and whether its version tells of a change (H-04, H-09, V-01).
    private mutating func compare(
        _ index: Int,
        _ expected: Result<ModelUser, ModelRefusal>,
        _ place: String
    ) async throws {
        let read = try await client.send(.get, "/Users/\(users[index].id)")
        var found = try #require(try read.json?.object, "\(place)")
        let version = read.value("meta", "version")
        for name in ["id", "meta", "groups"] { found[name] = nil }
        let model = JSONValue.object(users[index].model.json)
        #expect(JSONValue.object(found).ordered.text == model.ordered.text, "\(place)")
        if case .failure = expected { #expect(version == users[index].version, "\(place)") }
        if version != users[index].version { changes += 1 }
        users[index].version = version
    }

    private mutating func delete() async throws {
        let user = users.remove(at: Int.random(in: users.indices, using: &draw.random))
        #expect(try await client.send(.delete, "/Users/\(user.id)").status == 204)
        let operation = draw.next()
        let answer = try await client.patch("/Users/\(user.id)", operation.json.text)
        let isWrong = operation.fault != nil || operation.assignsName == false
        #expect(answer.status == (isWrong ? 400 : 404), "\(operation.json.text)")
    }

    func checkStore() throws {
        #expect(try client.service.findings() == [])
    }
}

/// Groups under random changes of their members, beside sets of ids.
private struct MemberHistory {
    private let client: TestClient
    private var random: SeededGenerator
    private var users: [String] = []
    private var groups: [String: Set<String>] = [:]

    init(seed: UInt64) async throws {
        client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        random = SeededGenerator(seed: seed)
        for number in 0..<6 { users.append(try await client.createUser("user \(number)")) }
        for number in 0..<4 { groups[try await client.createGroup("group \(number)")] = [] }
    }

    private var ids: [String] { users + groups.keys.sorted() }

    mutating func step(_ place: String) async throws {
        if random.isOne(in: 20), ids.count > 5 { return try await delete() }
        let group = random.pick(groups.keys.sorted())
        var members = groups[group] ?? []
        var operations: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            operations.append(operation(on: &members, of: group))
        }
        // All or none: the good operations before a bad one have no effect (H-04).
        let isRefused = random.isOne(in: 6)
        if isRefused {
            let nobody = random.pick([group, "nobody", "0190a000-0000-7000-8000-000000000000"])
            operations.append(#"{"op":"add","path":"members","value":[{"value":"\#(nobody)"}]}"#)
        }
        let text = operations.joined(separator: ",")
        let answer = try await client.patch("/Groups/\(group)", text)
        #expect(answer.status == (isRefused ? 400 : 200), "\(place): \(text)")
        if !isRefused { groups[group] = members }
        let read = try await client.send(.get, "/Groups/\(group)")
        #expect(read.texts("members").sorted() == groups[group]?.sorted(), "\(place): \(text)")
    }

    private mutating func operation(on members: inout Set<String>, of group: String) -> String {
        let named = ids.filter { $0 != group && random.isOne(in: 3) }
        let list = named.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let filter = named.map { #"value eq \"\#($0)\""# }.joined(separator: " or ")
        switch Int.random(in: 0...7, using: &random) {
        case 0, 1, 2:
            members.formUnion(named)
            return #"{"op":"add","path":"members","value":[\#(list)]}"#
        case 3:
            members = Set(named)
            return random.isOne(in: 2)
                ? #"{"op":"replace","path":"members","value":[\#(list)]}"#
                : #"{"op":"replace","value":{"members":[\#(list)]}}"#
        case 4 where !named.isEmpty:
            members.subtract(named)
            return #"{"op":"remove","path":"members[\#(filter)]"}"#
        case 5:
            members.subtract(named)
            return #"{"op":"remove","path":"members","value":[\#(list)]}"#
        case 6 where random.isOne(in: 3):
            members = []
            return #"{"op":"remove","path":"members"}"#
        case 6:
            members.subtract(users)
            return #"{"op":"remove","path":"members[type eq \"User\"]"}"#
        default:
            return #"{"op":"replace","path":"externalId","value":"\#(named.count)"}"#
        }
    }

    /// X-02: who is deleted leaves all groups.
    private mutating func delete() async throws {
        let id = random.pick(ids)
        let isUser = users.contains(id)
        if !isUser, groups.count < 2 { return }
        #expect(try await client.send(.delete, "/\(isUser ? "Users" : "Groups")/\(id)").status == 204)
        users.removeAll { $0 == id }
        groups[id] = nil
        for group in groups.keys { groups[group]?.remove(id) }
    }

    /// Every membership from both of its ends.
    func checkAll(_ place: String) async throws {
        for (group, members) in groups {
            let read = try await client.send(.get, "/Groups/\(group)")
            #expect(read.texts("members").sorted() == members.sorted(), "\(place)")
        }
        for user in users {
            let expected = groups.filter { $0.value.contains(user) }.keys.sorted()
            let read = try await client.send(.get, "/Users/\(user)")
            #expect(read.texts("groups").sorted() == expected, "\(place)")
        }
    }
}
