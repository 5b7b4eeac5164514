import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Names in any case, width and composition")
struct NameTests {
    /// Two spellings of one name.
    static let same = [
        ("straße", "STRASSE"), ("STRA\u{1E9E}E", "strasse"), ("Wei\u{DF}", "WEI\u{1E9E}"),
        ("\u{212A}elvin", "kelvin"), ("\u{212B}sa", "åsa"), ("caf\u{E9}", "CAFE\u{301}"),
        ("Ｊｅｎｓｅｎ", "jensen"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("λόγοσ", "λόγος"), ("ﬁsher", "FISHER"),
        ("o\u{FB03}ce", "Office"), ("ЖУК", "жук"), ("\u{130}pek", "i\u{307}pek"), ("ǅaja", "džaja"),
        ("Ann@Example.COM", "ann@example.com"), ("x\u{B2}", "X2"),
    ]

    /// Two names.
    static let apart = [
        ("ışık", "isik"), ("I", "ı"), ("İpek", "ipek"), ("jose", "jos\u{E9}"), ("ann", "аnn"),
        ("ann", "ann "),
        ("ae", "æ"), ("o", "ø"), ("a-b", "a–b"),
    ]

    private struct Tenants {
        let acme: TestClient
        let globex: TestClient

        init() async throws {
            let service = TestService(store: MemoryStore(clock: { 1 }))
            acme = try await service.client("acme")
            globex = try await service.client("globex")
        }
    }

    /// An endpoint whose resources have unique names.
    struct Endpoint: Sendable, CustomTestStringConvertible {
        let path: String
        let attribute: String
        let schema: String

        var testDescription: String { path }

        func body(_ name: String, _ more: [(String, String)] = []) -> String {
            let members =
                [("schemas", JSONValue.array([.string(schema)])), (attribute, .string(name))]
                + more.map { ($0.0, .string($0.1)) }
            return JSONValue.object(JSONObject(uniqueMembers: members.map { .init(name: $0.0, value: $0.1) }))
                .text
        }

        func equality(_ name: String) -> String { "\(attribute) eq \(JSONValue.string(name).text)" }

        static let users = Endpoint(path: "/Users", attribute: "userName", schema: Schema.user.id)
        static let groups = Endpoint(path: "/Groups", attribute: "displayName", schema: Schema.group.id)
    }

    @Test(
        "A-12, A-21, C-03, F-04, RFC 7644 §7.8: another spelling of a taken name is refused in its tenant, and a filter with it finds who has it",
        arguments: [Endpoint.users, .groups],
        same.flatMap { [$0, ($0.1, $0.0)] }
    )
    func taken(endpoint: Endpoint, names: (String, String)) async throws {
        let tenants = try await Tenants()
        let acme = tenants.acme
        let first = try await acme.send(.post, endpoint.path, endpoint.body(names.0)).text("id")
        let other = try await acme.send(.post, endpoint.path, endpoint.body("other")).text("id")

        let refused = [
            try await acme.send(.post, endpoint.path, endpoint.body(names.1)),
            try await acme.send(.put, "\(endpoint.path)/\(other)", endpoint.body(names.1)),
            try await acme.patch(
                "\(endpoint.path)/\(other)",
                #"{"op":"replace","path":"\#(endpoint.attribute)","value":\#(JSONValue.string(names.1).text)}"#
            ),
        ]
        for answer in refused {
            #expect(answer.status == 409)
            #expect(answer.value("scimType") == .string("uniqueness"))
        }
        for spelling in [names.0, names.1] {
            let found = try await acme.find(endpoint.path, endpoint.equality(spelling))
            #expect(found.texts("Resources", "id") == [first], "\(spelling)")
            #expect(found.texts("Resources", endpoint.attribute) == [names.0], "kept as it was written")
            // The same without an index.
            for comparison in ["sw", "ew", "co"] {
                let filter = "\(endpoint.attribute) \(comparison) \(JSONValue.string(spelling).text)"
                #expect(
                    try await acme.find(endpoint.path, filter).texts("Resources", "id") == [first],
                    "\(filter)"
                )
            }
        }
        // Another tenant's names are its own, and one's own name may be spelled anew.
        #expect(try await tenants.globex.send(.post, endpoint.path, endpoint.body(names.1)).status == 201)
        #expect(try await acme.send(.put, "\(endpoint.path)/\(first)", endpoint.body(names.1)).status == 200)
        #expect(try await acme.send(.delete, "\(endpoint.path)/\(first)").status == 204)
        #expect(try await acme.send(.post, endpoint.path, endpoint.body(names.0)).status == 201)
    }

    @Test(
        "A-12, F-04: names that only look alike are two, and a filter finds one of them",
        arguments: [Endpoint.users, .groups],
        apart
    )
    func free(endpoint: Endpoint, names: (String, String)) async throws {
        let acme = try await Tenants().acme
        let first = try await acme.send(.post, endpoint.path, endpoint.body(names.0)).text("id")
        let second = try await acme.send(.post, endpoint.path, endpoint.body(names.1)).text("id")
        #expect(
            try await acme.find(endpoint.path, endpoint.equality(names.0)).texts("Resources", "id") == [first]
        )
        #expect(
            try await acme.find(endpoint.path, endpoint.equality(names.1)).texts("Resources", "id") == [
                second
            ]
        )
    }

    @Test(
        "A-09, A-22, M-02: an externalId is compared byte for byte, whatever its spelling is like, and is free to repeat",
        arguments: same
    )
    func externalIDs(names: (String, String)) async throws {
        let acme = try await Tenants().acme
        var ids: [String: [String]] = [:]
        for (number, externalID) in [names.0, names.1, names.0].enumerated() {
            let body = Endpoint.users.body("user \(number)", [("externalId", externalID)])
            ids["\(Array(externalID.utf8))", default: []].append(
                try await acme.send(.post, "/Users", body).text("id")
            )
        }
        for externalID in [names.0, names.1] {
            let found = try await acme.find("/Users", "externalId eq \(JSONValue.string(externalID).text)")
            #expect(found.texts("Resources", "id") == ids["\(Array(externalID.utf8))"])
            let scanned = try await acme.find("/Users", "externalId sw \(JSONValue.string(externalID).text)")
            #expect(scanned.texts("Resources", "id") == ids["\(Array(externalID.utf8))"])
        }
    }

    @Test("A-12: a user and a group may have the same name")
    func kinds() async throws {
        let acme = try await Tenants().acme
        _ = try await acme.createUser("Staff")
        _ = try await acme.createGroup("STAFF")
        #expect(try await acme.find("/Users", #"userName eq "staff""#).integer("totalResults") == 1)
        #expect(try await acme.find("/Groups", #"displayName eq "staff""#).integer("totalResults") == 1)
    }

    @Test("S-01, RFC 7644 §7.8: spellings of one name sort as one, in the order of their preparation")
    func order() async throws {
        let acme = try await Tenants().acme
        var expected: [(name: String, id: String)] = []
        for (number, names) in Self.same.enumerated() {
            for (half, name) in [names.0, names.1].enumerated() {
                let body = Endpoint.users.body("user \(number) \(half)", [("displayName", name)])
                expected.append((name, try await acme.send(.post, "/Users", body).text("id")))
            }
        }
        let sorted = expected.map { (Array(CasePreparation.prepare($0.name).utf8), $0.id) }
            .sorted { ($0.0 == $1.0) ? $0.1 < $1.1 : $0.0.lexicographicallyPrecedes($1.0) }
        let answer = try await acme.send(.get, "/Users?sortBy=displayName&count=1000&attributes=id")
        #expect(answer.texts("Resources", "id") == sorted.map(\.1))
    }
}
