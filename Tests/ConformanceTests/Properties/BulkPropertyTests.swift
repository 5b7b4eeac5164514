import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Any bulk request")
struct BulkPropertyTests {
    @Test(
        "B-02, B-03, B-05, B-06, V-02: operations in bulk requests come to the same as the same operations sent one by one",
        arguments: PropertyRounds.seeds(10)
    )
    func sameAsSingly(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var (bulk, single) = (try await BulkHistory(), try await BulkHistory())
        for round in 0..<6 {
            let operations = (0..<Int.random(in: 1...25, using: &random)).map { number in
                RandomOperation(number: round * 100 + number, &random)
            }
            let limit = random.isOne(in: 3) ? Int.random(in: 1...4, using: &random) : nil
            let together = try await bulk.sendTogether(operations, failOnErrors: limit)
            let apart = try await single.sendSingly(operations, failOnErrors: limit)
            #expect(together == apart, "seed \(seed), round \(round)")
            #expect(try await bulk.state() == single.state(), "seed \(seed), round \(round)")
        }
        for history in [bulk, single] {
            let service = history.client.service
            #expect(try service.findings() == [])
            #expect(try service.store.check().isClean)
        }
    }

    @Test(
        "B-04, B-05: whatever refers to whatever, each operation is made with all that it refers to, or not at all",
        arguments: PropertyRounds.seeds(10)
    )
    func references(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        _ = try await client.createUser("taken")
        let count = 20
        var targets: [[Int]] = []
        let operations = (0..<count).map { index -> String in
            let isGroup = random.isOne(in: 2)
            let others = (0..<count).filter { $0 != index && random.isOne(in: isGroup ? 12 : 24) }
            targets.append(isGroup ? others : Array(others.prefix(1)))
            if isGroup {
                return BulkText.group("b\(index)", "g\(index)", members: others.map { "bulkId:b\($0)" })
            }
            let name = random.isOne(in: 6) ? "taken" : "u\(index)"
            guard let manager = others.first else { return BulkText.user("b\(index)", name) }
            return BulkText.user("b\(index)", name, manager: "bulkId:b\(manager)")
        }
        let answer = try await client.bulk(operations)
        let made = answer.texts("Operations", "status").map { $0 == "201" }
        #expect(made.count == count)
        // The largest set of which nothing refers to what is outside: a user with a taken name is never in it.
        var expected = operations.map { !$0.contains(#""taken""#) }
        for _ in 0..<count {
            for index in 0..<count where !targets[index].allSatisfy({ expected[$0] }) {
                expected[index] = false
            }
        }
        #expect(made == expected, "seed \(seed)")
        #expect(try client.service.findings() == [])
    }
}

/// One operation, on resources that are told by the numbers of the operations that created them.
private struct RandomOperation {
    enum Kind: CaseIterable { case user, group, retitle, rename, addMember, delete }

    let number: Int
    let kind: Kind
    let target: Int
    let member: Int
    let name: String
    let isStale: Bool

    var isCreation: Bool { kind == .user || kind == .group }

    init(number: Int, _ random: inout SeededGenerator) {
        self.number = number
        kind = random.pick(Kind.allCases + [.user, .group])
        // Mostly one that was created before.
        target =
            random.pick([number / 100 * 100, max(0, number - 100) / 100 * 100, 0])
            + Int.random(in: 0..<20, using: &random)
        member = max(0, number - Int.random(in: 1...30, using: &random))
        name = "n\(Int.random(in: 0..<40, using: &random))"
        isStale = random.isOne(in: 10)
    }
}

/// Resources that operations have created, by number.
private struct BulkHistory {
    let client: TestClient
    private var paths: [Int: String] = [:]

    init() async throws {
        client = try await TestService(store: MemoryStore(clock: { 1 })).client()
    }

    private typealias Call = (method: String, path: String, data: String?)

    /// The operation as a request; `reference` tells the id of what another operation has created or will have created.
    private func call(_ operation: RandomOperation, _ reference: (Int) -> String) -> Call {
        func patch(_ value: String) -> String {
            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(value)]}"#
        }
        func path() -> String { reference(operation.target) }
        func member() -> String {
            reference(operation.member).split(separator: "/").last.map(String.init) ?? ""
        }
        switch operation.kind {
        case .user:
            return ("POST", "/Users", #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(operation.name)"}"#)
        case .group:
            let data =
                #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(operation.name)","members":[{"value":"\#(member())"}]}"#
            return ("POST", "/Groups", data)
        case .retitle:
            return ("PATCH", path(), patch(#"{"op":"add","path":"externalId","value":"\#(operation.name)"}"#))
        case .rename:
            // Fits a user and a group.
            let data =
                #"{"schemas":["\#(Schema.user.id)","\#(Schema.group.id)"],"userName":"\#(operation.name)","displayName":"\#(operation.name)"}"#
            return ("PUT", path(), data)
        case .addMember:
            return (
                "PATCH", path(), patch(#"{"op":"add","path":"members","value":[{"value":"\#(member())"}]}"#)
            )
        case .delete: return ("DELETE", path(), nil)
        }
    }

    private static let nothing = "/Users/0190a000-0000-7000-8000-000000000000"

    /// Sends the operations in one request; those on new resources name them by their `bulkId`.
    mutating func sendTogether(_ operations: [RandomOperation], failOnErrors: Int?) async throws -> [String] {
        let first = operations[0].number
        let texts = operations.map { operation in
            let call = call(operation) { number in
                let index = number - first
                guard operations.indices.contains(index), number < operation.number,
                    operations[index].isCreation
                else { return paths[number] ?? Self.nothing }
                return "\(operations[index].kind == .user ? "/Users" : "/Groups")/bulkId:b\(number)"
            }
            var text = #"{"method":"\#(call.method)","path":"\#(call.path)""#
            if call.method == "POST" { text += #","bulkId":"b\#(operation.number)""# }
            if operation.isStale, call.method != "POST" { text += #","version":"W/\"0\"""# }
            if let data = call.data { text += ",\"data\":\(data)" }
            return text + "}"
        }
        let answer = try await client.bulk(texts, failOnErrors: failOnErrors)
        let statuses = answer.texts("Operations", "status")
        for index in statuses.indices where statuses[index] == "201" {
            guard case .string(let location)? = answer.value("Operations", "\(index)", "location"),
                let base = location.firstRange(of: "/v2")
            else { continue }
            paths[operations[index].number] = String(location[base.upperBound...])
        }
        return statuses
    }

    /// Sends each operation as a request of its own, till as many have failed.
    mutating func sendSingly(_ operations: [RandomOperation], failOnErrors: Int?) async throws -> [String] {
        var statuses: [String] = []
        var errorCount = 0
        var failedCreations: Set<Int> = []
        for operation in operations where errorCount < failOnErrors ?? .max {
            var refersToFailed = false
            let call = call(operation) { number in
                if failedCreations.contains(number) { refersToFailed = true }
                return paths[number] ?? Self.nothing
            }
            if refersToFailed {
                errorCount += 1
                if operation.isCreation { failedCreations.insert(operation.number) }
                statuses.append("409")
                continue
            }
            let fields: [(FieldName, String)] =
                operation.isStale && call.method != "POST" ? [(.ifMatch, #"W/"0""#)] : []
            let answer = try await client.send(Method(call.method), call.path, call.data, fields: fields)
            statuses.append("\(answer.status)")
            if answer.status == 201 {
                paths[operation.number] = "\(call.path)/\(try answer.text("id"))"
            } else if answer.status >= 400 {
                errorCount += 1
                if operation.isCreation { failedCreations.insert(operation.number) }
            }
        }
        return statuses
    }

    /// What is there: resources without ids, times and versions, members by name.
    func state() async throws -> [String] {
        var states: [String] = []
        for path in ["/Users", "/Groups"] {
            let list = try await client.send(.get, "\(path)?count=1000")
            guard case .array(let resources)? = list.value("Resources") else { continue }
            for resource in resources {
                let object = try resource.object
                let full = try await client.send(.get, "\(path)/\(try object.requiredText("id"))")
                var members: [String] = []
                for id in full.texts("members") {
                    let number = paths.first { $0.value.hasSuffix(id) }?.key
                    members.append("\(number ?? -1)")
                }
                let name = object["userName"] ?? object["displayName"] ?? .null
                states.append("\(name.text) \(object["externalId"]?.text ?? "") \(members.sorted())")
            }
        }
        return states.sorted()
    }
}
