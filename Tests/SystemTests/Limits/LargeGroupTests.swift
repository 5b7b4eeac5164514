import Foundation
import Testing

@Suite("A large group over the network", .enabled(if: Client.isPossible))
struct LargeGroupTests {
    /// Each member shows a long name, so that the whole answer is 25 MB.
    private static let memberCount = 20_000
    private static let nameBytes = 1_000
    private static let perRequest = 80

    @Test(
        "a group whose answer is 25 MB is sent to two readers at once, a slow one among them, out of little memory"
    )
    func memory() throws {
        try ServerUnderTest.quickstart("--http") { server in
            let group = try Self.fill(server.client)
            _ = try server.client.get("/Groups/\(group)?excludedAttributes=members")
            let before = try Self.anonymousBytes(of: server.process)
            let slow = try PlainConnection(url: server.client.url)
            slow.send(Self.request(group, server.client))
            #expect(try slow.receiveBytes(untilCount: 10_000) >= 10_000)
            usleep(500_000)
            let whileWaiting = try Self.anonymousBytes(of: server.process)
            let fast = try PlainConnection(url: server.client.url)
            fast.send(Self.request(group, server.client))
            let whole = try fast.receiveStream()
            let afterFast = try Self.anonymousBytes(of: server.process)
            let slowly = try slow.receiveStream()
            for text in [whole, slowly] {
                #expect(text.contains("Transfer-Encoding: chunked") && text.hasSuffix("\r\n0\r\n\r\n"))
                #expect(text.components(separatedBy: #""value":""#).count - 1 == Self.memberCount)
            }
            for bytes in [whileWaiting, afterFast] {
                #expect(bytes - before < 12 << 20, "\(bytes - before) more")
            }
        }
    }

    @Test("a group that is deleted while it is sent has no last chunk, and the server goes on")
    func deletion() throws {
        try ServerUnderTest.quickstart("--http") { server in
            let group = try Self.fill(server.client)
            let reader = try PlainConnection(url: server.client.url)
            reader.send(Self.request(group, server.client))
            #expect(try reader.receiveBytes(untilCount: 10_000) >= 10_000)
            #expect(try server.client.delete("/Groups/\(group)").status == 204)
            #expect(throws: Failure.self) { _ = try reader.receiveStream() }
            #expect(try server.client.get("/Groups/\(group)").status == 404)
        }
    }

    private static func request(_ group: String, _ client: Client) -> String {
        let path = URL(string: client.url)?.path ?? ""
        return
            "GET \(path)/Groups/\(group) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(client.token ?? "")\r\n\r\n"
    }

    /// A group with all users, which are made first.
    private static func fill(_ client: Client) throws -> String {
        let group = try client.post("/Groups", Client.group("All")).id
        let name = String(repeating: "n", count: nameBytes)
        for start in stride(from: 0, to: memberCount, by: perRequest) {
            var operations: [[String: Any]] = (start..<start + perRequest).map { number in
                [
                    "method": "POST", "path": "/Users", "bulkId": "u\(number)",
                    "data": [
                        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                        "userName": "user\(number)",
                        "displayName": name,
                    ],
                ]
            }
            let members = (start..<start + perRequest).map { ["value": "bulkId:u\($0)"] }
            operations.append([
                "method": "PATCH", "path": "/Groups/\(group)",
                "data": Client.patchBody([["op": "add", "path": "members", "value": members]]),
            ])
            let answer = try client.post(
                "/Bulk",
                [
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                    "Operations": operations,
                ]
            )
            guard answer.status == 200 else { throw Failure("bulk: \(answer.status)") }
        }
        return group
    }

    /// Memory of a process that no file is behind.
    private static func anonymousBytes(of process: Process) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) * 1_024
    }
}
