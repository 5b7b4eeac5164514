import Directory
import HTTP
import JSON
import SCIM
import Tenancy
import TestSupport
import Testing
import Transfer

@Suite("Export and its way back")
struct ExportTests {
    /// All lines of a tenant's export.
    private func export(_ transfer: TenantTransfer) throws -> [String] {
        var lines: [String] = []
        var cursor: String?
        repeat {
            let page = try transfer.export(from: cursor)
            #expect(page.lines.count <= TenantTransfer.exportLinesMax)
            lines += page.lines.map { String(decoding: $0, as: UTF8.self) }
            cursor = page.next
        } while cursor != nil
        return lines
    }

    private func restore(
        _ lines: [String],
        _ transfer: TenantTransfer,
        _ options: ImportOptions = ImportOptions()
    ) async throws -> ImportReport {
        var exported: [ExportedLine] = []
        for (index, line) in lines.enumerated() {
            exported.append(ExportedLine(number: index + 2, value: try JSONValue(parsing: Array(line.utf8))))
        }
        return try await transfer.importResources(exported, options: options)
    }

    /// Users with cards, a group with more members than a line holds, and nested groups.
    private func filled() async throws -> Transferred {
        let tenant = try await Transferred()
        let names = (0..<1_200).map { "u\($0)" }
        for start in [0, 600] {
            _ = try await tenant.users(["userName"], names[start..<start + 600].map { [$0] })
        }
        _ = try await tenant.users(
            ["userName", "email", "department", "active"],
            [["u1", "a@example.com", "Größe \u{1F5A8} \"quoted\" \\", "false"]]
        )
        _ = try await tenant.cards(
            ["userName", "card", "primary"],
            [["u1", "04A2", "true"], ["u1", "7", ""]]
        )
        var ids: [String] = []
        for index in stride(from: 1, through: names.count, by: 500) {
            ids += try await tenant.client.send(.get, "/Users?startIndex=\(index)&count=500").texts(
                "Resources",
                "id"
            )
        }
        let inner = try await tenant.client.createGroup("inner", members: ids)
        _ = try await tenant.client.createGroup("outer", members: [inner, ids[0]])
        _ = try await tenant.client.createGroup("empty")
        _ = try await tenant.client.patch(
            "/Groups/\(inner)",
            #"{"op":"remove","path":"members[value eq \"\#(ids[3])\"]"}"#
        )
        return tenant
    }

    @Test("A-08, A-10, M-02: an export read back exports as the same bytes: ids, times, members and cards")
    func roundTrip() async throws {
        let tenant = try await filled()
        let lines = try export(try tenant.transfer())
        #expect(lines.count == 1_200 + 3 + 3)
        #expect(lines.allSatisfy { !$0.contains("version") && !$0.contains("location") })
        _ = try await tenant.service.client("other")
        let other = try tenant.transfer("other")
        let lastLines = try await restore(Array(lines[1_000...]), other, dryRun)
        #expect(counts(lastLines) == [203, 3, 0, 0])
        #expect(try other.isEmpty())
        var created = 0
        for start in stride(from: 0, to: lines.count, by: 700) {
            let report = try await restore(Array(lines[start..<min(start + 700, lines.count)]), other)
            #expect(report.refusals.isEmpty)
            created += report.created
        }
        #expect(created == 1_203)
        #expect(try export(other) == lines)
        let again = try await restore(Array(lines[..<700]), other)
        #expect(counts(again) == [0, 0, 700, 0])
        let members = try await restore(Array(lines[1_203...]), other)
        #expect(counts(members) == [0, 0, 3, 0])
    }

    @Test("The server's checks find nothing wrong with what was imported, and the way back keeps group times")
    func consistency() async throws {
        let tenant = try await filled()
        _ = try await tenant.service.client("other")
        for line in try export(try tenant.transfer()) {
            _ = try await restore([line], try tenant.transfer("other"))
        }
        #expect(try tenant.service.findings() == [])
    }

    @Test(
        "A line that is no line of an export, or differs from what is there, is refused by its number",
        arguments: [
            #"{"id":"x"}"#,
            #"{"meta":{"resourceType":"Printer"},"id":"01a20eb1-2f51-70ab-9c1c-1de14046dd79"}"#,
            #"{"meta":{"resourceType":"User"},"id":"01A20EB1-2F51-70AB-9C1C-1DE14046DD79"}"#,
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"01a20eb1-2f51-70ab-9c1c-1de14046dd79","userName":"new","meta":{"resourceType":"User","created":"today","lastModified":"today"}}"#,
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"01a20eb1-2f51-70ab-9c1c-1de14046dd79","userName":"there","meta":{"resourceType":"User","created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z"}}"#,
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"01a20eb1-2f51-70ab-9c1c-1de14046dd79","userName":"new","name":{"shoe":"x"},"meta":{"resourceType":"User","created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z"}}"#,
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"01a20eb1-2f51-70ab-9c1c-1de14046dd79","userName":"new","password":"x","meta":{"resourceType":"User","created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z"}}"#,
            #"{"id":"01a20eb1-2f51-70ab-9c1c-1de14046dd79","members":[{"value":"x"}],"meta":{"resourceType":"Group"}}"#,
            "7",
        ]
    )
    func refused(line: String) async throws {
        let tenant = try await Transferred()
        _ = try await tenant.client.createUser("there")
        let report = try await restore([line], try tenant.transfer())
        #expect(counts(report) == [0, 0, 0, 1])
        #expect(report.refusals[0].line == 2)
        #expect(try await tenant.client.send(.get, "/Users").integer("totalResults") == 1)
    }

    @Test("A resource that is there and differs is refused, and stays as it is")
    func differs() async throws {
        let tenant = try await Transferred()
        _ = try await tenant.client.createUser("ann")
        let lines = try export(try tenant.transfer())
        _ = try await tenant.users(["userName", "title"], [["ann", "Boss"]])
        #expect(counts(try await restore(lines, try tenant.transfer())) == [0, 0, 0, 1])
        #expect(try await tenant.user("ann").text("title") == "Boss")
        #expect(try !tenant.transfer().isEmpty())
    }

    @Test(
        "A cursor that no page has given is refused",
        arguments: ["", "x", "9", "1:x", "members:x", "1:a:b"]
    )
    func cursor(text: String) async throws {
        let transfer = try await Transferred().transfer()
        #expect(throws: AdministrationError.self) { try transfer.export(from: text) }
    }
}
