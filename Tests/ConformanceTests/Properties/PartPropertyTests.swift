import Audit
import HTTP
import JSON
import Locking
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("A PATCH that reads a part of a record")
struct PartPropertyTests {
    private static let requestsPerSeed = 150

    @Test(
        "RFC 7644 §3.5.2, V-01: a PATCH that reads what it names answers, writes and records what one does that reads all",
        arguments: PropertyRounds.seeds(12)
    )
    func equal(seed: UInt64) async throws {
        var twins = try await Twins(seed: seed)
        for number in 0..<Self.requestsPerSeed { try await twins.step("seed \(seed), request \(number)") }
        try twins.compareTrail("seed \(seed)")
        #expect(try twins.findings() == [])
        // The strict profile refuses most of what clients send.
        #expect(twins.changes > 5, "seed \(seed)")
        #expect(twins.refusals > 5, "seed \(seed)")
    }
}

/// Two services that differ in nothing but how much of a record a PATCH reads, under the same requests.
private struct Twins {
    private let whole: TestClient
    private let part: TestClient
    private let paths: [String]
    private var draw: RandomPatch
    private var tags: [String] = ["\"1\"", "*"]
    private(set) var changes = 0
    private(set) var refusals = 0

    init(seed: UInt64) async throws {
        whole = try await Self.client(seed, readsWholeRecords: true)
        part = try await Self.client(seed, readsWholeRecords: false)
        var paths: [String] = []
        for client in [whole, part] {
            var random = SeededGenerator(seed: seed)
            let directory = try await RandomDirectory(&random, users: 6, groups: 3, in: client)
            paths =
                try directory.users.map { "/Users/\(try $0.requiredText("id"))" }
                + directory.groups.map { "/Groups/\(try $0.requiredText("id"))" }
            for name in ["one", "two"] {
                let more =
                    #","serial":"\#(name)","site":"here","notes":"n","place":{"building":"B","floor":1}"#
                paths.append("/Printers/\(try await client.createPrinter(name, more).text("id"))")
            }
            let profile = ["default", "strict", "okta", "entra"][Int(seed % 4)]
            let administration = client.service.administration
            _ = try await administration.set(.profile, to: profile, tenant: "acme", by: .system)
        }
        self.paths = paths
        draw = RandomPatch(random: SeededGenerator(seed: seed &* 31))
    }

    private static func client(_ seed: UInt64, readsWholeRecords: Bool) async throws -> TestClient {
        let random = Locked(SeededGenerator(seed: seed))
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            executors: [QueueExecutor(label: "loop")],
            randomness: { random.withLock { ($0.next(), $0.next()) } },
            readsWholeRecords: readsWholeRecords
        )
        let client = try await service.client()
        try await PrinterType.register(service)
        // Of such a tenant the trail has marks of names, which a change need not name.
        let marks = seed % 3 == 0 ? "hmac" : "none"
        _ = try await service.administration.set(.auditIdentifiers, to: marks, tenant: "acme", by: .system)
        return client
    }

    // MARK: - Requests

    mutating func step(_ place: String) async throws {
        let path = draw.random.pick(paths)
        let count = draw.random.isOne(in: 3) ? Int.random(in: 2...4, using: &draw.random) : 1
        let operations = (0..<count).map { _ in operation(path) }.joined(separator: ",")
        let body = #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operations)]}"#
        var fields: [(FieldName, String)] = []
        if draw.random.isOne(in: 4) {
            fields.append((draw.random.isOne(in: 5) ? .ifNoneMatch : .ifMatch, draw.random.pick(tags)))
        }
        let asked = draw.random.isOne(in: 6) ? "?attributes=displayName,meta" : ""
        let place = "\(place): \(path) \(operations.prefix(500)) \(fields)"
        let expected = try await whole.send(.patch, path + asked, body, fields: fields)
        let found = try await part.send(.patch, path + asked, body, fields: fields)
        #expect(found.response.body == expected.response.body, "\(place)")
        #expect(Self.head(found) == Self.head(expected), "\(place)")
        try compareRows(place)
        if expected.status < 300 { changes += 1 } else { refusals += 1 }
        if let tag = expected.response[.eTag] { tags = [tag] + tags.prefix(6) }
    }

    private static func head(_ answer: TestAnswer) -> [String] {
        ["\(answer.status)"]
            + answer.response.fields.filter { $0.0.text != "request-id" }.map { "\($0.0.text): \($0.1)" }
    }

    private mutating func operation(_ path: String) -> String {
        if path.hasPrefix("/Groups") { return groupOperation() }
        if path.hasPrefix("/Printers") { return printerOperation() }
        return draw.random.isOne(in: 2) ? draw.next().json.text : userOperation()
    }

    private mutating func value() -> String {
        switch Int.random(in: 0...11, using: &draw.random) {
        case 0: return draw.random.pick(["null", "[]", #""""#, "{}", #"[""]"#, "7", "1.0", "[null]"])
        case 1: return draw.random.pick(["true", "false", #""True""#, #""false""#])
        // One that fits into the resource once, and not twice.
        case 2 where draw.random.isOne(in: 3):
            return JSONValue.string(String(repeating: "long", count: 12_000)).text
        default: return JSONValue.string(draw.random.pick(RandomDirectory.words)).text
        }
    }

    private mutating func op() -> String { draw.random.pick(["replace", "Replace", "add", "Add", "remove"]) }

    /// What clients send most, and what is near to it.
    private mutating func userOperation() -> String {
        let core = "urn:ietf:params:scim:schemas:core:2.0:User"
        let enterprise = ModelUser.enterprise
        let path = draw.random.pick([
            "active", "displayName", "title", "nickName", "locale", "name.givenName", "name.familyName",
            "name", "Title", "\(core):title", "\(enterprise):department", "\(enterprise):manager", enterprise,
            "userName", "externalId", "id", "meta", "groups", "schemas", "password", "profileUrl",
            "emails[type eq \"work\"].value", "x509Certificates", "addresses", "roles", "favouriteColour",
        ])
        let value = value()
        switch Int.random(in: 0...5, using: &draw.random) {
        case 0:
            return
                #"{"op":"\#(op())","value":{"\#(path.replacing("\"", with: "\\\""))":\#(value),"active":true}}"#
        case 1:
            return
                #"{"op":"replace","value":{"displayName":\#(value),"name":{"givenName":\#(self.value())}}}"#
        case 2: return #"{"op":"Replace","path":"active","value":"\#(draw.random.pick(["True", "False"]))"}"#
        default: return target(path, value)
        }
    }

    private mutating func groupOperation() -> String {
        let users = paths.filter { $0.hasPrefix("/Users") }.map { String($0.dropFirst("/Users/".count)) }
        let member = draw.random.pick(users)
        return switch Int.random(in: 0...6, using: &draw.random) {
        case 0: #"{"op":"add","path":"members","value":[{"value":"\#(member)"}]}"#
        case 1: #"{"op":"remove","path":"members[value eq \"\#(member)\"]"}"#
        case 2: #"{"op":"replace","path":"members","value":[{"value":"\#(member)"}]}"#
        case 3: #"{"op":"replace","value":{"displayName":\#(value()),"id":"x"}}"#
        default: target(draw.random.pick(["displayName", "externalId", "members", "id"]), value())
        }
    }

    private mutating func printerOperation() -> String {
        let lease = PrinterType.lease
        let path = draw.random.pick([
            "displayName", "serial", "assetNumber", "pages", "active", "userName", "installed", "certificate",
            "manual", "lastSeen", "pin", "password", "notes", "audit", "site", "groups", "place",
            "place.building", "place.floor", "place.code", "place.door", "members", lease,
            "\(lease):contract", "\(lease):bank", "\(lease):from",
        ])
        let numbers = ["1", "2.50", "1e2", "12345678901234567890"]
        return target(path, draw.random.isOne(in: 4) ? draw.random.pick(numbers) : value())
    }

    private mutating func target(_ path: String, _ value: String) -> String {
        let op = op()
        let path = path.replacing("\"", with: "\\\"")
        return op == "remove"
            ? #"{"op":"remove","path":"\#(path)"}"# : #"{"op":"\#(op)","path":"\#(path)","value":\#(value)}"#
    }

    // MARK: - What is stored

    private struct Row: Equatable {
        let key: [UInt8]
        let value: [UInt8]
        let version: CommitVersion
    }

    /// Every row, the trail apart: it names requests.
    private static func rows(_ client: TestClient) throws -> [Row] {
        try client.service.store.withSnapshot { snapshot throws(StoreError) in
            var rows: [Row] = []
            try snapshot.scan(prefix: Key([]), from: nil) { key, value, version in
                if key.count == 0 || key[0] != LogKeys.rows.bytes[0] {
                    rows.append(
                        Row(key: [UInt8](copying: key), value: [UInt8](copying: value), version: version)
                    )
                }
                return .more
            }
            return rows
        }
    }

    private func compareRows(_ place: String) throws {
        let (found, expected) = (try Self.rows(part), try Self.rows(whole))
        #expect(found.count == expected.count, "\(place)")
        for (found, expected) in zip(found, expected) where found != expected {
            Issue.record(
                """
                \(place): \(found.key), \(found.version) beside \(expected.version)
                \(String(decoding: found.value, as: UTF8.self))
                \(String(decoding: expected.value, as: UTF8.self))
                """
            )
        }
    }

    func compareTrail(_ place: String) throws {
        func records(_ client: TestClient) throws -> [[String: String]] {
            try client.service.records().map { $0.filter { $0.key != "SCIM_REQUEST_ID" } }
        }
        let (found, expected) = (try records(part), try records(whole))
        #expect(found.count == expected.count, "\(place)")
        for (found, expected) in zip(found, expected) { #expect(found == expected, "\(place)") }
    }

    func findings() throws -> [String] { try part.service.findings() }
}
