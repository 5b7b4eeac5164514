import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Bulk requests: versions, and all or nothing")
struct BulkVersionTests {
    private func statuses(_ answer: TestAnswer) -> [String] { answer.texts("Operations", "status") }

    private func client(_ store: any Store = MemoryStore(clock: { 1 })) async throws -> TestClient {
        try await TestService(store: store).client()
    }

    @Test("B-02, V-02: the version of an operation is its precondition, for PUT, PATCH and DELETE")
    func versions() async throws {
        let client = try await client()
        let body = #"{"schemas":["\#(Schema.user.id)"],"userName":"ann"}"#
        for (method, success) in [("PUT", "200"), ("PATCH", "200"), ("DELETE", "204")] {
            for (version, status) in [(#"W/\"0\""#, "412"), ("x", "412"), ("*", success), ("", success)] {
                let ann = try await client.createUser("ann")
                let patch =
                    #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#
                let data = ["PUT": #","data":\#(body)"#, "PATCH": #","data":\#(patch)"#][method] ?? ""
                let answer = try await client.bulk([
                    #"{"method":"\#(method)","path":"/Users/\#(ann)","version":"\#(version)"\#(data)}"#
                ])
                #expect(statuses(answer) == [status], "\(method) \(version)")
                #expect(answer.value("Operations", "0", "location") != nil)
                _ = try await client.send(.delete, "/Users/\(ann)")
            }
            let ann = try await client.createUser("ann")
            let tag = try #require(try await client.send(.get, "/Users/\(ann)").response[.eTag])
            // The first change makes the version that the second one names an old one.
            let answer = try await client.bulk([
                BulkText.retitle("/Users/\(ann)", "one", version: tag),
                BulkText.retitle("/Users/\(ann)", "two", version: tag),
            ])
            #expect(statuses(answer) == ["200", "412"])
            #expect(try await client.send(.get, "/Users/\(ann)").value("title") == .string("one"))
            _ = try await client.send(.delete, "/Users/\(ann)")
        }
    }

    @Test("B-02, V-02: a profile without conditional requests takes no version either")
    func strictVersions() async throws {
        let client = try await client()
        _ = try await client.service.administration.set(.profile, to: "strict", tenant: "acme", by: .system)
        let ann = try await client.createUser("ann")
        let answer = try await client.bulk([
            BulkText.retitle("/Users/\(ann)", "x", version: "*"), BulkText.retitle("/Users/\(ann)", "y"),
        ])
        #expect(statuses(answer) == ["400", "200"])
        #expect(answer.value("Operations", "0", "response", "scimType") == .string("invalidSyntax"))
    }

    @Test(
        "V-03, B-02: of eight bulk requests and single ones that name one version exactly one wins",
        arguments: 0..<4
    )
    func oneWins(round: Int) async throws {
        let client = try await client()
        let ann = try await client.createUser("ann")
        let tag = try #require(try await client.send(.get, "/Users/\(ann)").response[.eTag])
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<8 {
                group.addTask {
                    // As many bulk requests as one tenant may have at a time.
                    if number.isMultiple(of: 2) {
                        let data =
                            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"title","value":"\#(number)"}]}"#
                        let fields = [(FieldName.ifMatch, tag)]
                        return
                            "\(try await client.send(.patch, "/Users/\(ann)", data, fields: fields).status)"
                    }
                    let answer = try await client.bulk([
                        BulkText.user("u", "u\(number)"),
                        BulkText.retitle("/Users/\(ann)", "\(number)", version: tag),
                    ])
                    return answer.texts("Operations", "status")[1]
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
        #expect(found == ["200"] + Array(repeating: "412", count: 7))
        #expect(try await client.send(.get, "/Users").integer("totalResults") == 5)
    }

    @Test(
        "B-05, RFC 7240 §2: with transaction=all everything is one commit",
        arguments: StorageEngine.allCases
    )
    func atomicSuccess(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let client = try await client(store)
            let ann = try await client.createUser("ann")
            let rows = try store.logRows().count
            let answer = try await client.bulk(
                [
                    BulkText.group("g", "G", members: ["bulkId:h", ann]),
                    BulkText.group("h", "H", members: ["bulkId:g"]),
                    BulkText.retitle("/Users/\(ann)", "Dr"), BulkText.delete("/Users/bulkId:u"),
                    BulkText.user("u", "gone"),
                ],
                isAtomic: true
            )
            #expect(answer.status == 200)
            #expect(answer.response[.preferenceApplied] == "transaction=all")
            #expect(statuses(answer) == ["201", "201", "200", "204", "201"])
            #expect(Set(answer.texts("Operations", "version")).count == 4)
            #expect(try store.commitCount(from: rows) == 1)
            #expect(try store.check().isClean)
        }
    }

    @Test(
        "B-05, H-04: with transaction=all one failure leaves no byte and no success record of the others",
        arguments: [
            (BulkText.user("x", "ann"), "409"), (BulkText.delete("/Users/nobody"), "404"),
            (BulkText.retitle("/Users/{ann}", "x", version: "W/\"0\""), "412"),
            (BulkText.user("x", ""), "400"),
            (BulkText.user("x", "x", manager: "bulkId:none"), "400"), ("1", "400"),
        ]
    )
    func atomicFailure(operation: String, status: String) async throws {
        let store = MemoryStore(clock: { 1 })
        let client = try await client(store)
        let ann = try await client.createUser("ann")
        let before = try rows(store)
        let answer = try await client.bulk(
            [
                BulkText.user("a", "new"), BulkText.retitle("/Users/\(ann)", "lost"),
                operation.replacing("{ann}", with: ann), BulkText.group("g", "G", members: ["bulkId:a"]),
            ],
            isAtomic: true
        )
        #expect(answer.status == 200)
        #expect(answer.response[.preferenceApplied] == "transaction=all")
        #expect(statuses(answer) == ["409", "409", status, "409"])
        #expect(answer.value("Operations", "0", "location") == nil)
        for index in [0, 1, 3] {
            guard case .string(let detail)? = answer.value("Operations", "\(index)", "response", "detail")
            else {
                Issue.record("no detail")
                continue
            }
            #expect(detail.contains("Operations[2]"))
        }
        #expect(try rows(store) == before)
        // The same without the failure is made: nothing of it was left.
        let again = try await client.bulk(
            [BulkText.user("a", "new"), BulkText.group("g", "G", members: ["bulkId:a"])],
            isAtomic: true
        )
        #expect(statuses(again) == ["201", "201"])
    }

    @Test(
        "B-01: with transaction=all what is too large for one commit is 413 and changes nothing; without, it is made"
    )
    func atomicSize() async throws {
        let store = MemoryStore(clock: { 1 })
        let client = try await client(store)
        let ann = try await client.createUser(
            "ann",
            #","title":"\#(String(repeating: "x", count: 60_000))","displayName":"\#(String(repeating: "x", count: 25_000))""#
        )
        // Each of them writes all of the resource again.
        let operations = (0..<110).map { number in
            BulkText.patch("/Users/\(ann)", #"{"op":"add","path":"nickName","value":"\#(number)"}"#)
        }
        let before = try rows(store)
        let refused = try await client.bulk(operations, isAtomic: true)
        #expect(refused.status == 413)
        #expect(try refused.text("detail").contains("\(StorageLimits.changesetBytesMax)"))
        #expect(try rows(store) == before)
        let made = try await client.bulk(operations)
        #expect(Set(statuses(made)) == ["200"])
        #expect(try await client.send(.get, "/Users/\(ann)").value("nickName") == .string("109"))
    }

    @Test(
        "RFC 7240 §2: the preference is read among others, quoted or not; what is unknown is ignored",
        arguments: [
            ("transaction=all", true), ("Transaction=ALL", true), (#"transaction="all""#, true),
            ("respond-async, wait=100 , transaction = all; x=y", true),
            (#"a=", transaction=none", transaction=all"#, true),
            ("transaction=some", false), ("transaction", false), ("all", false),
            ("transaction=none, transaction=all", false),
            ("", false), (#"a="transaction=all, transaction=all"#, false),
        ]
    )
    func preferences(field: String, isApplied: Bool) async throws {
        let client = try await client()
        let answer = try await client.send(
            .post,
            "/Bulk",
            #"{"schemas":["\#(BulkRequest.schema)"],"Operations":[\#(BulkText.user("a", "ann")),\#(BulkText.user("b", "ann"))]}"#,
            fields: [(.prefer, field)]
        )
        #expect(statuses(answer) == [isApplied ? "409" : "201", "409"])
        #expect(answer.response[.preferenceApplied] == (isApplied ? "transaction=all" : nil))
    }

    private func rows(_ store: any Store) throws -> [[UInt8]] {
        try store.withSnapshot { snapshot throws(StoreError) in
            var rows: [[UInt8]] = []
            try snapshot.scan(prefix: Key([]), from: nil) { key, value, _ in
                rows.append([UInt8](copying: key) + [0] + [UInt8](copying: value))
                return .more
            }
            return rows
        }
    }
}
