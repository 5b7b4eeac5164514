import HTTP
import JSON
import SCIM
import Service
import Storage
import TestSupport
import Testing

@Suite("Bulk requests")
struct BulkTests {
    private func client() async throws -> TestClient {
        try await TestService(store: MemoryStore(clock: { 1 })).client()
    }

    private func statuses(_ answer: TestAnswer) -> [String] { answer.texts("Operations", "status") }

    /// The id at the end of an operation's location.
    private func id(_ answer: TestAnswer, _ index: Int) throws -> String {
        let location = try #require(answer.value("Operations", "\(index)", "location")).requiredText
        return String(try #require(location.split(separator: "/").last))
    }

    private func scimType(_ answer: TestAnswer, _ index: Int) -> JSONValue? {
        answer.value("Operations", "\(index)", "response", "scimType")
    }

    // MARK: - B-02, B-06

    @Test("B-02, B-06, RFC 7644 §3.7: each operation is answered with what a request of its own would be")
    func answers() async throws {
        let client = try await client()
        let (ann, bob) = (try await client.createUser("ann"), try await client.createUser("bob"))
        let base = "\(client.service.publicURL)/acme/scim/v2"
        let answer = try await client.bulk([
            BulkText.user("new", "eve"),
            BulkText.put("/Users/\(ann)", #"{"schemas":["\#(Schema.user.id)"],"userName":"ann2"}"#),
            BulkText.retitle("/Users/\(ann)", "Dr"),
            BulkText.delete("/Users/\(bob)"),
            BulkText.group("g", "Staff", members: [ann]),
            BulkText.patch(
                "Groups/bulkId:g/",
                #"{"op":"add","path":"members","value":[{"value":"bulkId:new"}]}"#
            ),
        ])
        #expect(answer.status == 200)
        #expect(answer.value("schemas") == .array([.string(BulkResponse.schema)]))
        #expect(statuses(answer) == ["201", "200", "200", "204", "201", "200"])
        #expect(answer.texts("Operations", "method") == ["POST", "PUT", "PATCH", "DELETE", "POST", "PATCH"])
        #expect(answer.texts("Operations", "bulkId") == ["new", "g"])
        let (eve, group) = (try id(answer, 0), try id(answer, 4))
        #expect(
            answer.texts("Operations", "location") == [
                "\(base)/Users/\(eve)", "\(base)/Users/\(ann)", "\(base)/Users/\(ann)",
                "\(base)/Users/\(bob)",
                "\(base)/Groups/\(group)", "\(base)/Groups/\(group)",
            ]
        )
        for (index, path) in [(0, "/Users/\(eve)"), (2, "/Users/\(ann)"), (5, "/Groups/\(group)")] {
            let found = try await client.send(.get, path)
            #expect(answer.value("Operations", "\(index)", "version") == found.value("meta", "version"))
        }
        #expect(answer.value("Operations", "3", "version") == nil)
        #expect(try await client.send(.get, "/Users/\(bob)").status == 404)
        #expect(Set(try await client.send(.get, "/Groups/\(group)").texts("members")) == [ann, eve])
        #expect(answer.value("Operations", "0", "response") == nil)
    }

    @Test("B-02: what an operation lacks is that operation's error; the others are carried out")
    func operationFaults() async throws {
        let client = try await client()
        let user = #"{"schemas":["\#(Schema.user.id)"],"userName":"x"}"#
        let faults: [(String, String, String?)] = [
            ("1", "400", "invalidSyntax"),
            (#"{"path":"/Users","bulkId":"a","data":\#(user)}"#, "400", "invalidSyntax"),
            (#"{"method":"GET","path":"/Users"}"#, "400", "invalidSyntax"),
            (#"{"method":"post","path":"/Users","bulkId":"b","data":\#(user)}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","bulkId":"c","data":\#(user)}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users","data":\#(user)}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users","bulkId":"","data":\#(user)}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users","bulkId":7,"data":\#(user)}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users","bulkId":"d"}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users","bulkId":"e","data":null}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users","bulkId":"f","data":[]}"#, "400", "invalidSyntax"),
            (#"{"method":"POST","path":"/Users/1","bulkId":"h","data":\#(user)}"#, "400", "invalidValue"),
            (#"{"method":"PUT","path":"/Users","data":\#(user)}"#, "400", "invalidValue"),
            (#"{"method":"DELETE","path":"/Schemas"}"#, "400", "invalidValue"),
            (#"{"method":"DELETE","path":"/Users/nobody"}"#, "404", nil),
            (#"{"method":"POST","path":"/Nowhere","bulkId":"i","data":\#(user)}"#, "404", nil),
            (
                #"{"method":"POST","path":"/Users","Path":"/Users","bulkId":"k","data":\#(user)}"#, "400",
                "invalidSyntax"
            ),
            (BulkText.post("l", "/Users", "{}"), "400", "invalidValue"),
            (BulkText.user("m", ""), "400", "invalidValue"),
        ]
        let answer = try await client.bulk(faults.map(\.0) + [BulkText.user("last", "last")])
        #expect(answer.status == 200)
        #expect(statuses(answer) == faults.map(\.1) + ["201"])
        for (index, fault) in faults.enumerated() {
            #expect(scimType(answer, index) == fault.2.map(JSONValue.string), "\(fault.0)")
            #expect(answer.value("Operations", "\(index)", "location") == nil, "\(fault.0)")
            #expect(answer.value("Operations", "\(index)", "response", "detail") != nil)
            #expect(answer.value("Operations", "\(index)", "response", "status") == .string(fault.1))
        }
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test("B-02, C-05, R-03: a request that is no bulk request is refused as a whole, and changes nothing")
    func requestFaults() async throws {
        let client = try await client()
        let one = BulkText.user("a", "ann")
        let schemas = #""schemas":["\#(BulkRequest.schema)"]"#
        for (body, keyword) in [
            ("[]", "invalidSyntax"), ("{", "invalidSyntax"),
            (#"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(one)]}"#, "invalidSyntax"),
            ("{\(schemas)}", "invalidSyntax"), (#"{\#(schemas),"Operations":[]}"#, "invalidSyntax"),
            (#"{\#(schemas),"Operations":\#(one)}"#, "invalidSyntax"),
            (#"{\#(schemas),"Operations":[\#(one)],"operations":[\#(one)]}"#, "invalidSyntax"),
            (#"{\#(schemas),"Operations":[\#(one)],"failOnErrors":0}"#, "invalidValue"),
            (#"{\#(schemas),"Operations":[\#(one)],"failOnErrors":"1"}"#, "invalidValue"),
            (#"{\#(schemas),"Operations":[\#(one),\#(BulkText.user("a", "bob"))]}"#, "invalidValue"),
        ] {
            let answer = try await client.send(.post, "/Bulk", body)
            #expect(answer.status == 400, "\(body)")
            #expect(answer.value("scimType") == .string(keyword), "\(body)")
        }
        let other = try await client.send(.post, "/Bulk", "{}", fields: [(.contentType, "text/plain")])
        #expect(other.status == 415)
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 0)
        let tolerated = #"{\#(schemas),"OPERATIONS":[\#(one)],"failOnErrors":null,"unknown":1}"#
        #expect(statuses(try await client.send(.post, "/Bulk", tolerated)).isEmpty == false)
    }

    // MARK: - B-01

    @Test("B-01, D-06: as many operations and bytes as are published pass, more are 413 with the limit named")
    func limits() async throws {
        let features = ServiceProviderFeatures(bulk: .init(operationsMax: 3, payloadBytesMax: 2_000))
        let client = try await TestService(store: MemoryStore(clock: { 1 }), features: features).client()
        let config = try await client.send(.get, "/ServiceProviderConfig")
        #expect(config.value("bulk", "supported") == .bool(true))
        #expect(config.value("bulk", "maxOperations") == .number(JSONNumber(3)))
        #expect(config.value("bulk", "maxPayloadSize") == .number(JSONNumber(2_000)))
        let three = ["a", "b", "c"].map { BulkText.user($0, $0) }
        #expect(statuses(try await client.bulk(three)) == ["201", "201", "201"])
        let four = try await client.bulk(three + [BulkText.user("d", "d")])
        #expect(four.status == 413)
        #expect(try four.text("detail").contains("maxOperations"))
        #expect(try four.text("detail").contains(" 3 "))

        func padded(_ bytes: Int) -> String {
            let text = #"{"schemas":["\#(BulkRequest.schema)"],"Operations":[\#(BulkText.user("e", "e"))]}"#
            return text + String(repeating: " ", count: bytes - text.utf8.count)
        }
        let large = try await client.send(.post, "/Bulk", padded(2_001))
        #expect(large.status == 413)
        #expect(try large.text("detail").contains("maxPayloadSize"))
        #expect(try large.text("detail").contains("2000"))
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 3)
        #expect(statuses(try await client.send(.post, "/Bulk", padded(2_000))) == ["201"])
    }

    @Test("B-01: a body that the listener refuses is told with the same limit")
    func listenersLimit() throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let published = ServiceProviderFeatures().bulk.payloadBytesMax
        #expect(published == Limits().bodyBytesMax)
        let answer = TestAnswer(
            service.pipeline.response(
                to: .bodyTooLarge(limit: published),
                from: Peer(address: "192.0.2.1", isSecure: true)
            )
        )
        #expect(answer.status == 413)
        #expect(try answer.text("detail").contains("\(published)"))
    }

    // MARK: - B-03

    @Test(
        "B-03, A-18: a bulkId stands for the id wherever it is: members, manager, $ref, filters, paths, own attributes"
    )
    func references() async throws {
        let client = try await client()
        let old = try await client.createUser("old")
        let group = try await client.createGroup("Staff", members: [old])
        let answer = try await client.bulk([
            BulkText.user("users/a", "ann", manager: "bulkId:users/a"),
            BulkText.user("m", "mia", manager: "bulkId:x"),
            BulkText.user(
                "x",
                "xenia",
                #","title":"bulkId:m","nickName":"not bulkId:m","profileUrl":"https://e.org/bulkId:m""#
            ),
            BulkText.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members","value":[{"value":"bulkId:m"},{"value":"bulkId:x"}]}"#
            ),
            BulkText.patch(
                "/Groups/\(group)",
                #"{"op":"remove","path":"members[value eq \"bulkId:m\" or value eq \"\#(old)\"]"}"#
            ),
            BulkText.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members[value eq bulkId:users/a]","value":{"value":"bulkId:users/a"}}"#
            ),
            BulkText.patch(
                "/Groups/\(group)",
                #"{"op":"remove","path":"members[(value eq bulkId:users/a)]"}"#
            ),
            BulkText.put("/Users/bulkId:m", #"{"schemas":["\#(Schema.user.id)"],"userName":"mia2"}"#),
            BulkText.patch(
                "/Users/bulkId:x",
                #"{"op":"add","path":"\#(Schema.enterpriseUser.id):manager","value":{"value":"bulkId:m","$ref":"../Users/bulkId:m"}}"#
            ),
        ])
        #expect(statuses(answer) == ["201", "201", "201", "200", "200", "200", "200", "200", "200"])
        let (a, m, x) = (try id(answer, 0), try id(answer, 1), try id(answer, 2))
        let ann = try await client.send(.get, "/Users/\(a)")
        #expect(ann.value(Schema.enterpriseUser.id, "manager", "value") == .string(a))
        #expect(try await client.send(.get, "/Groups/\(group)").texts("members") == [x])
        #expect(try await client.send(.get, "/Users/\(m)").value("userName") == .string("mia2"))
        let xenia = try await client.send(.get, "/Users/\(x)")
        #expect(xenia.value("title") == .string(m))
        #expect(xenia.value("nickName") == .string("not bulkId:m"))
        #expect(xenia.value("profileUrl") == .string("https://e.org/\(m)"))
        #expect(xenia.value(Schema.enterpriseUser.id, "manager", "value") == .string(m))
    }

    @Test("B-03: a bulkId that no operation creates is that operation's invalidValue, and is never stored")
    func unknownReferences() async throws {
        let client = try await client()
        let ann = try await client.createUser("ann")
        let answer = try await client.bulk([
            BulkText.user("a", "one", manager: "bulkId:none"),
            BulkText.user("b", "two", #","title":"bulkId:none""#),
            BulkText.group("c", "three", members: ["bulkId:none"]),
            BulkText.delete("/Users/bulkId:none"),
            BulkText.patch(
                "/Users/\(ann)",
                #"{"op":"add","path":"emails[value eq \"bulkId:none\"].type","value":"work"}"#
            ),
            BulkText.patch(
                "/Users/\(ann)",
                #"{"op":"add","path":"emails[value eq bulkId:none].type","value":"work"}"#
            ),
            // What is no POST creates nothing, whatever bulkId it has.
            #"{"method":"DELETE","path":"/Groups/\#(ann)","bulkId":"d"}"#,
            BulkText.user("e", "five", manager: "bulkId:d"),
            BulkText.user("f", "six", manager: "bulkId:none/1"),
        ])
        #expect(statuses(answer) == ["400", "400", "400", "400", "400", "400", "404", "400", "400"])
        for index in [0, 1, 2, 3, 4, 5, 7, 8] {
            #expect(scimType(answer, index) == .string("invalidValue"), "\(index)")
        }
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test("B-03: what refers to a resource that was not created is 409, and so is what refers to that")
    func failedReferences() async throws {
        let client = try await client()
        _ = try await client.createUser("taken")
        let group = try await client.createGroup("Staff")
        let answer = try await client.bulk([
            BulkText.user("a", "taken"),
            BulkText.group("b", "B", members: ["bulkId:a"]),
            BulkText.patch(
                "/Groups/\(group)",
                #"{"op":"add","path":"members","value":[{"value":"bulkId:b"}]}"#
            ),
            BulkText.delete("/Users/bulkId:a"),
            BulkText.user("c", "free"),
            // Broken in itself: what refers to it is refused for that reason.
            BulkText.group("d", "D", members: ["bulkId:e"]),
            BulkText.post("e", "/Nowhere", "{}"),
        ])
        #expect(statuses(answer) == ["409", "409", "409", "409", "201", "409", "404"])
        #expect(scimType(answer, 0) == .string("uniqueness"))
        for index in [1, 2, 3, 5] { #expect(scimType(answer, index) == nil) }
        #expect(try await client.send(.get, "/Groups").integer("totalResults") == 1)
    }

    // MARK: - B-04

    @Test(
        "B-04, RFC 7644 §3.7.1: resources that refer to each other in a circle come into being in one commit"
    )
    func circles() async throws {
        let client = try await client()
        let rows = try client.service.store.logRows().count
        let answer = try await client.bulk([
            BulkText.group("g1", "One", members: ["bulkId:g2"]),
            BulkText.group("g2", "Two", members: ["bulkId:g1", "bulkId:u1"]),
            BulkText.user("u1", "ann", manager: "bulkId:u2"),
            BulkText.user("u2", "bob", manager: "bulkId:u1"),
            BulkText.user("u3", "self", manager: "bulkId:u3"),
        ])
        #expect(statuses(answer) == Array(repeating: "201", count: 5))
        let ids = try (0..<5).map { try id(answer, $0) }
        #expect(try await client.send(.get, "/Groups/\(ids[0])").texts("members") == [ids[1]])
        #expect(Set(try await client.send(.get, "/Groups/\(ids[1])").texts("members")) == [ids[0], ids[2]])
        for (user, manager) in [(2, 3), (3, 2), (4, 4)] {
            let found = try await client.send(.get, "/Users/\(ids[user])")
            #expect(found.value(Schema.enterpriseUser.id, "manager", "value") == .string(ids[manager]))
        }
        #expect(Set(answer.texts("Operations", "version")).count == 5)
        #expect(try client.service.store.commitCount(from: rows) == 1)
    }

    @Test(
        "B-04, B-05: of a circle that cannot be made nothing is made, and what lies between is made all the same"
    )
    func brokenCircles() async throws {
        let client = try await client()
        _ = try await client.createUser("taken")
        let answer = try await client.bulk([
            BulkText.user("x", "xenia"),
            BulkText.user("a", "ann", manager: "bulkId:b"),
            BulkText.user("y", "ANN"),
            BulkText.group("g", "G", members: ["bulkId:a", "bulkId:y"]),
            BulkText.user("b", "taken", manager: "bulkId:a"),
            BulkText.user("z", "zoe"),
        ])
        // `ANN` is free because `ann` was not made.
        #expect(statuses(answer) == ["201", "409", "201", "409", "409", "201"])
        #expect(scimType(answer, 4) == .string("uniqueness"))
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 4)
        #expect(try await client.send(.get, "/Groups").integer("totalResults") == 0)
        #expect(try client.service.store.check().isClean)
    }

    @Test("B-04, B-05: operations on a resource that a later one creates follow that one")
    func operationsOnLaterResources() async throws {
        let client = try await client()
        let answer = try await client.bulk([
            BulkText.retitle("/Users/bulkId:a", "Dr"), BulkText.retitle("/Users/bulkId:a", "Prof"),
            BulkText.user("b", "bob"), BulkText.user("a", "ann"), BulkText.delete("/Users/bulkId:b"),
        ])
        #expect(statuses(answer) == ["200", "200", "201", "201", "204"])
        let users = try await client.send(.get, "/Users")
        #expect(users.texts("Resources", "title") == ["Prof"])
    }

    @Test("B-04: circles that fail again and again are given up, so that work stays in proportion")
    func manyBrokenCircles() async throws {
        let client = try await client()
        _ = try await client.createUser("taken")
        let pairs = 0..<20
        let answer = try await client.bulk(
            pairs.map { BulkText.user("a\($0)", "a\($0)", manager: "bulkId:b\($0)") }
                + pairs.map { BulkText.user("b\($0)", "taken") } + [BulkText.user("c", "c")]
        )
        #expect(statuses(answer) == Array(repeating: "409", count: 40) + ["201"])
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 2)
    }

    // MARK: - B-05

    @Test("B-05, RFC 7644 §3.7.3: after failOnErrors failures the rest is not carried out and not answered")
    func failOnErrors() async throws {
        for (limit, expected) in [
            (nil, ["409", "201", "400", "201", "404", "201"]), (3, ["409", "201", "400", "201", "404"]),
            (2, ["409", "201", "400"]), (1, ["409"]), (4, ["409", "201", "400", "201", "404", "201"]),
        ] as [(Int?, [String])] {
            let client = try await client()
            _ = try await client.createUser("taken")
            let operations = [
                BulkText.user("a", "taken"), BulkText.user("b", "b"), BulkText.user("c", ""),
                BulkText.user("d", "d"), BulkText.delete("/Users/nobody"), BulkText.user("e", "e"),
            ]
            let answer = try await client.bulk(operations, failOnErrors: limit)
            #expect(answer.status == 200)
            #expect(statuses(answer) == expected, "\(String(describing: limit))")
            let made = expected.filter { $0 == "201" }.count
            #expect(try await client.send(.get, "/Users").integer("totalResults") == 1 + made)
        }
    }

    @Test("B-05: what waits for a resource that failOnErrors leaves uncreated is undone")
    func failOnErrorsInsideCircles() async throws {
        let client = try await client()
        let answer = try await client.bulk(
            [
                BulkText.user("a", "ann"), BulkText.group("g", "G", members: ["bulkId:a", "bulkId:z"]),
                BulkText.user("b", "bob"), BulkText.delete("/Users/nobody"), BulkText.user("z", "zoe"),
            ],
            failOnErrors: 1
        )
        #expect(statuses(answer) == ["201", "409"])
        #expect(try await client.send(.get, "/Groups").integer("totalResults") == 0)
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 1)
        #expect(try client.service.store.check().isClean)
    }
}
