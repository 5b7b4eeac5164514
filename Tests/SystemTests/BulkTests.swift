import Foundation
import Testing

@Suite(
    "Bulk requests over the network",
    .ownThreads,
    .enabled(if: Client.isPossible, "curl is not installed")
)
struct BulkTests {
    private func body(_ operations: [[String: Any]]) -> [String: Any] {
        ["schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations]
    }

    private func users(_ count: Int, title: String) -> [[String: Any]] {
        (0..<count).map { number in
            var user = Client.user("u\(number)")
            user["title"] = title
            return ["method": "POST", "path": "/Users", "bulkId": "\(number)", "data": user]
        }
    }

    @Test("B-01, D-06: the size that is told is the size that is taken, also if the operator has set it")
    func payloadSize() throws {
        try Scratch.use { folder in
            let serving = try ServingServer(
                data: folder.appending(path: "data"),
                ["--http", "--max-body-bytes", "20000"]
            )
            defer { serving.server.stop() }
            let client = try serving.newTenant("acme")
            let bulk = try client.get("/ServiceProviderConfig").json["bulk"] as? [String: Any]
            #expect(bulk?["supported"] as? Bool == true)
            #expect(bulk?["maxOperations"] as? Int == 1_000)
            #expect(bulk?["maxPayloadSize"] as? Int == 20_000)

            let refused = try client.post(
                "/Bulk",
                body(users(20, title: String(repeating: "x", count: 1_000)))
            )
            #expect(refused.status == 413)
            #expect((refused.json["detail"] as? String)?.contains("20000") == true)
            let accepted = try client.post(
                "/Bulk",
                body(users(20, title: String(repeating: "x", count: 500)))
            )
            #expect(accepted.status == 200)
            let results = accepted.json["Operations"] as? [[String: Any]] ?? []
            #expect(results.compactMap { $0["status"] as? String } == Array(repeating: "201", count: 20))
            #expect(try client.get("/Users?count=0").json["totalResults"] as? Int == 20)
        }
    }
}
