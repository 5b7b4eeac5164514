import Audit
import HTTP
import JSON
import Locking
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("Copies of the store, over the admin socket")
struct BackupsTests {
    /// A copy of two parts, or one that fails behind the first.
    private final class Reading: BackupReading {
        private let failure: StoreError?
        private let count = Locked(0)

        init(_ failure: StoreError?) { self.failure = failure }

        func next() async throws(StoreError) -> BackupPart {
            let count = self.count.withLock { count in
                count += 1
                return count
            }
            if count > 1, let failure { throw failure }
            return BackupPart(
                rows: [UInt8(count), 0x7B],
                log: [9],
                isLast: count == 2,
                head: JSONObject(uniqueMembers: [
                    .init(name: "rowCount", value: .number(JSONNumber(count)))
                ])
            )
        }
    }

    private let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))

    private func handler(_ failure: StoreError? = nil) -> AdminHandler {
        service.adminHandler(
            control: ServerControl(
                check: { [] },
                reload: { .done(ServerControl.Reloaded()) },
                beginBackup: { () throws(StoreError) in Reading(failure) }
            )
        )
    }

    private func records() throws -> [String] {
        try service.records().filter { $0["SCIM_EVENT"] == "store.snapshot" }.map {
            "\($0["SCIM_OUTCOME"] ?? "") \($0["SCIM_REASON"] ?? "") \($0["PRIORITY"] ?? "") \($0["SCIM_ACTOR_ID"] ?? "")"
        }
    }

    private func begin(_ handler: AdminHandler) async throws -> String {
        let answer = try await handler.answer(.post, "/backups")
        #expect(answer.status == 200)
        return try answer.text("id")
    }

    private func part(_ handler: AdminHandler, _ id: String) async throws -> BackupPart {
        let request = Request(
            method: .post,
            target: try Target("/backups/\(id)/next"),
            body: [],
            peer: Peer(address: nil, userID: 0, isSecure: false)
        )
        guard case .pending(let operation) = handler.handle(request) else { throw StoreError.closed }
        return try #require(BackupPart(bytes: await operation().body))
    }

    @Test("Part after part comes, and the end is recorded once the command has all of it")
    func made() async throws {
        let handler = handler()
        let id = try await begin(handler)
        #expect(try await handler.answer(.post, "/backups/\(id)/finish").status == 409)
        let first = try await part(handler, id)
        #expect(first.rows == [1, 0x7B] && first.log == [9] && !first.isLast)
        #expect(first.head.integer("rowCount") == 1)
        #expect(try await part(handler, id).isLast)
        #expect(try await handler.answer(.post, "/backups/\(id)/next").status == 409)
        #expect(try records() == [])
        #expect(try await handler.answer(.post, "/backups/\(id)/finish").status == 200)
        #expect(try records() == ["success  6 root"])
        #expect(try await handler.answer(.post, "/backups/\(id)/finish").status == 409)
        #expect(try await handler.answer(.get, "/backups/\(id)").status == 404)
    }

    @Test("Two copies may be under way, and no more; one that ends makes room")
    func limit() async throws {
        let handler = handler()
        let ids = [try await begin(handler), try await begin(handler)]
        #expect(try await handler.answer(.post, "/backups").status == 409)
        for id in ids { #expect(try await part(handler, id).rows == [1, 0x7B]) }
        #expect(try await handler.answer(.delete, "/backups/\(ids[0])").status == 200)
        #expect(try await handler.answer(.delete, "/backups/\(ids[0])").status == 409)
        _ = try await begin(handler)
        #expect(try records() == ["failure outcome-unknown 3 root"])
    }

    @Test("A copy that the store cannot give is recorded as failed, and so is one whose command is gone")
    func failed() async throws {
        let full = handler(.full)
        let id = try await begin(full)
        _ = try await part(full, id)
        #expect(try await full.answer(.post, "/backups/\(id)/next").status == 507)
        #expect(try await full.answer(.post, "/backups/\(id)/next").status == 409)
        #expect(try records() == ["failure store-full 3 root"])

        let backups = Backups(service.administration, silenceMax: .milliseconds(60)) {
            () throws(StoreError) in Reading(nil)
        }
        let silent = try backups.begin(by: .system)
        _ = try await backups.next(of: silent)
        for _ in 0..<1_000 where try records().count < 2 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try records().count == 2)
        await #expect(throws: AdministrationError.self) { _ = try await backups.next(of: silent) }

        _ = try backups.begin(by: .system)
        await backups.abandonAll()
        #expect(try records().count == 3)
    }

    @Test("A part that is cut is none")
    func cut() throws {
        let part = BackupPart(rows: [1, 2, 3], log: [4], isLast: true, head: JSONObject())
        for count in 0..<part.bytes.count { #expect(BackupPart(bytes: Array(part.bytes[..<count])) == nil) }
        #expect(BackupPart(bytes: part.bytes)?.rows == [1, 2, 3])
    }
}
