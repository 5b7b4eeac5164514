import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing
import Transfer

@Suite("Lines of an export that meet in one batch")
struct SeparateLineTests {
    private static let user = "urn:ietf:params:scim:schemas:core:2.0:User"
    private static let group = "urn:ietf:params:scim:schemas:core:2.0:Group"

    private static func id(_ number: Int) -> String {
        "01900000-0000-7000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
    }

    private static func resource(_ kind: String, _ id: Int, _ name: String) -> String {
        let (schema, attribute) = kind == "User" ? (user, "userName") : (group, "displayName")
        let time = "2026-01-01T00:00:00Z"
        return #"{"schemas":["\#(schema)"],"id":"\#(Self.id(id))","\#(attribute)":"\#(name)","#
            + #""meta":{"resourceType":"\#(kind)","created":"\#(time)","lastModified":"\#(time)"}}"#
    }

    private static func members(_ group: Int, _ ids: [Int]) -> String {
        let values = ids.map { #"{"value":"\#(id($0))"}"# }.joined(separator: ",")
        return #"{"id":"\#(id(group))","members":[\#(values)],"meta":{"resourceType":"Group"}}"#
    }

    private func restore(
        _ lines: [String],
        _ service: TestService
    ) async throws -> ImportReport {
        let actor = AuditActor.admin(AuditSlug("operator"))
        let transfer = try service.administration.transfer("acme", by: actor, in: service.directory)
        var exported: [ExportedLine] = []
        for (index, line) in lines.enumerated() {
            exported.append(ExportedLine(number: index + 2, value: try JSONValue(parsing: Array(line.utf8))))
        }
        return try await transfer.importResources(exported, options: ImportOptions())
    }

    @Test(
        "the first of two that want the same is imported, and the second is refused by its number",
        arguments: StorageEngine.allCases
    )
    func same(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            let service = TestService(store: store)
            let client = try await service.client()
            let report = try await restore(
                [
                    Self.resource("User", 1, "ann"), Self.resource("User", 2, "ANN"),
                    Self.resource("User", 1, "bob"), Self.resource("User", 1, "ann"),
                    Self.resource("User", 3, "bob"),
                ],
                service
            )
            #expect(counts(report) == [2, 0, 1, 2])
            #expect(report.refusals.map(\.line) == [3, 4])
            #expect(report.refusals[0].reason.contains("userName is already taken"))
            #expect(report.unchangedLines == [5])
            #expect(try await client.send(.get, "/Users").integer("totalResults") == 2)
            #expect(try service.findings() == [])
        }
    }

    @Test(
        "members find what the lines before them bring, whatever comes between and however many there are",
        arguments: StorageEngine.allCases
    )
    func members(engine: StorageEngine) async throws {
        try await engine.withStore { store async throws in
            let service = TestService(store: store)
            let client = try await service.client()
            let before = [
                Self.members(900, [1]), Self.resource("Group", 900, "early"), Self.members(900, [1]),
            ]
            let users = (1...400).map { Self.resource("User", $0, "u\($0)") }
            let meeting = [Self.members(900, [1, 2]), Self.members(900, [2, 3])]
            let pairs = stride(from: 1, to: 400, by: 2).map { Self.members(901, [$0, $0 + 1]) }
            let last = [Self.members(901, [900]), Self.members(901, [401])]
            let lines = before + users + meeting + [Self.resource("Group", 901, "late")] + pairs + last
            let report = try await restore(lines, service)
            #expect(counts(report) == [402, 203, 0, 3])
            #expect(report.refusals.map(\.line) == [2, 4, lines.count + 1])
            for (group, count) in [(900, 3), (901, 401)] {
                let answer = try await client.send(.get, "/Groups/\(Self.id(group))")
                #expect(answer.texts("members", "value").count == count)
            }
            #expect(try service.findings() == [])
        }
    }

    @Test("each line has its own record in the audit trail, in the order of the lines")
    func records() async throws {
        let service = TestService(store: MemoryStore(clock: { 1_795_000_000_000_000 }))
        _ = try await service.client()
        let before = try service.events().count
        _ = try await restore(
            (1...3).map { Self.resource("User", $0, "u\($0)") }
                + [Self.resource("Group", 9, "all"), Self.members(9, [1, 2])],
            service
        )
        let events = try service.events().dropFirst(before)
        #expect(
            events == ["user.create", "user.create", "user.create", "group.create", "group.members"]
        )
    }
}
