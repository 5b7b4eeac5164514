import HTTP
import JSON
import SCIM
import Storage
import TestSupport

/// A tenant of random users and groups whose values are few and alike, so that filters find some and not all.
struct RandomDirectory {
    let client: TestClient
    /// The resources of each type as they are answered in full, by id in the order of a list.
    private(set) var users: [JSONObject] = []
    private(set) var groups: [JSONObject] = []

    static let words = [
        "Ann", "ann", "ANNA", "straße", "STRASSE", "\u{212A}elvin", "kelvin", "e\u{301}t\u{E9}", "\u{E9}TÉ",
        "ｗｉｄｅ", "wide", "ΣΊΣΥΦΟΣ", "σίσυφος", "a b", "\"quoted\"", "back\\slash", "0", "work", "100%",
        "dotless ı", "İstanbul", "ann\u{1}", "ann\u{0}b", long, long + "x", long + "Y", long + "\u{1}",
    ]
    /// As long as a text may be of which an index has all.
    private static let long = String(repeating: "long and ", count: 14) + "so"
    private static let codes = ["AbC", "aBc", "abc", "00u1", "00U1", "x\u{E9}", "xe\u{301}"]

    /// `tenant`: a client of an empty tenant; nil for that of a new service.
    init(
        _ random: inout SeededGenerator,
        users userCount: Int,
        groups groupCount: Int,
        in tenant: TestClient? = nil
    ) async throws {
        if let tenant {
            client = tenant
        } else {
            client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        }
        var ids: [String] = []
        for number in 0..<userCount {
            let answer = try await client.send(.post, "/Users", Self.user(number, ids, &random).text)
            ids.append(try answer.text("id"))
        }
        for number in 0..<groupCount {
            var group = Self.object([("schemas", .array([.string(Schema.group.id)]))])
            group["displayName"] = .string("\(random.pick(Self.words)) \(number)")
            if random.isOne(in: 2) { group["externalId"] = .string(random.pick(Self.codes)) }
            let members = ids.filter { _ in random.isOne(in: 4) }.map {
                Self.object([("value", .string($0))])
            }
            group["members"] = .array(members.map(JSONValue.object))
            ids.append(try await client.send(.post, "/Groups", JSONValue.object(group).text).text("id"))
        }
        // A change makes versions and times differ.
        for id in ids.prefix(userCount) where random.isOne(in: 3) {
            _ = try await client.patch("/Users/\(id)", #"{"op":"add","path":"title","value":"changed"}"#)
        }
        self.users = try await resources("/Users?count=1000")
        let members = "members.value,members.$ref,members.type,members.display"
        self.groups = try await resources(
            "/Groups?count=1000&attributes=externalId,meta,displayName,\(members)"
        )
    }

    private func resources(_ path: String) async throws -> [JSONObject] {
        guard case .array(let list)? = try await client.send(.get, path).value("Resources") else { return [] }
        return try list.map { try $0.object }
    }

    private static func user(_ number: Int, _ others: [String], _ random: inout SeededGenerator) -> JSONValue
    {
        var user = object([("schemas", .array([.string(Schema.user.id)]))])
        user["userName"] = .string("\(random.pick(words)) \(number)")
        for name in ["displayName", "title", "nickName", "locale"] where random.isOne(in: 2) {
            user[name] = .string(random.pick(words))
        }
        if random.isOne(in: 2) { user["externalId"] = .string(random.pick(codes)) }
        if random.isOne(in: 2) { user["active"] = .bool(random.isOne(in: 2)) }
        if random.isOne(in: 3) { user["profileUrl"] = .string("https://example.com/\(random.pick(codes))") }
        if random.isOne(in: 3) {
            let names = ["familyName", "givenName", "formatted"].filter { _ in random.isOne(in: 2) }
            user["name"] = .object(object(names.map { ($0, .string(random.pick(words))) }))
        }
        for name in ["emails", "addresses", "roles", "x509Certificates"] where random.isOne(in: 3) {
            user[name] = elements(name == "x509Certificates", isAddress: name == "addresses", &random)
        }
        if random.isOne(in: 2) {
            var more = object([("department", .string(random.pick(words)))])
            if let manager = others.randomElement(using: &random), random.isOne(in: 2) {
                more["manager"] = .object(object([("value", .string(manager))]))
            }
            user[Schema.enterpriseUser.id] = .object(more)
        }
        return .object(user)
    }

    private static func elements(
        _ isBinary: Bool,
        isAddress: Bool,
        _ random: inout SeededGenerator
    ) -> JSONValue {
        var elements: [JSONValue] = []
        for number in 0..<Int.random(in: 1...3, using: &random) {
            var element = JSONObject()
            let text = isBinary ? random.pick(["AbCd", "abcd"]) : random.pick(words)
            if isAddress || !random.isOne(in: 6) { element[isAddress ? "locality" : "value"] = .string(text) }
            if random.isOne(in: 2) || element.isEmpty {
                element["type"] = .string(random.pick(["work", "Work", "home"]))
            }
            if number == 0, random.isOne(in: 2) { element["primary"] = .bool(random.isOne(in: 2)) }
            elements.append(.object(element))
        }
        return .array(elements)
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONObject {
        JSONObject(uniqueMembers: members.map { .init(name: $0.0, value: $0.1) })
    }
}

extension JSONValue {
    /// The value as JSON text.
    var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
