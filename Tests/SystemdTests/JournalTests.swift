import Audit
import Foundation
import JSON
import Storage
import StorageLMDB
import Systemd
import TLS
import TestSupport
import Testing

/// What `scripts/with-journal` gives the tests; nil without it.
enum PrivateJournal {
    static let folder = ProcessInfo.processInfo.environment["WITH_JOURNAL_FOLDER"]

    static func kill() throws {
        guard let folder else { return }
        let text = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
        guard let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { return }
        Foundation.kill(pid, SIGKILL)
    }

    static func hold(_ isHeld: Bool) throws {
        guard let folder else { return }
        if isHeld {
            try Data().write(to: URL(fileURLWithPath: folder + "/hold"))
        } else {
            try FileManager.default.removeItem(atPath: folder + "/hold")
        }
    }
}

@Suite(
    "The real journal",
    .enabled(if: PrivateJournal.folder != nil, "run these with scripts/with-journal"),
    .serialized,
    .timeLimit(.minutes(10))
)
struct JournalTests {
    @Test("the journal is available, a namespace that nobody writes to as well")
    func available() {
        #expect(JournalSink.isAvailable())
    }

    @Test("G2: every record is confirmed, in order, and has the fields that were sent")
    func delivers() async throws {
        let rig = try JournalRig()
        try await rig.commit(1_000)
        try await rig.run { try await rig.delivered(1_000) }
        let entries = try rig.journalctl("SCIM_STORE=\(rig.relay.journalStoreID)")
        #expect(entries.compactMap { ($0["SCIM_SEQ"] as? String).flatMap { Int($0) } } == Array(1...1_000))
        let entry = try #require(entries.first)
        #expect(entry["MESSAGE"] as? String == "user.create success tenant=acme actor=client:hr-sync seq=1")
        #expect(entry["MESSAGE_ID"] as? String == AuditEvent.userCreate.messageID)
        #expect(entry["PRIORITY"] as? String == "5")
        #expect(entry["SYSLOG_FACILITY"] as? String == "13")
        #expect(entry["SCIM_ATTR"] as? [String] == ["active", "name.familyName"])
        #expect(entry["SCIM_VERSION_NEW"] as? String == "W/\"1\"")
        #expect(entry["CODE_LINE"] == nil)
    }

    @Test("G2: nothing is lost although the journal is killed again and again while it is written to")
    func killed() async throws {
        let rig = try JournalRig()
        try await rig.run {
            for _ in 1...6 {
                try await rig.commit(2_000)
                try PrivateJournal.kill()
                try await Task.sleep(for: .milliseconds(100))
            }
            try await rig.delivered(12_000)
        }
        let entries = try rig.journalctl("SCIM_STORE=\(rig.relay.journalStoreID)")
        #expect(
            Set(entries.compactMap { ($0["SCIM_SEQ"] as? String).flatMap { Int($0) } }) == Set(1...12_000)
        )
    }

    @Test("G6: with the journal away commits go on, and everything arrives afterwards")
    func away() async throws {
        let rig = try JournalRig()
        try PrivateJournal.hold(true)
        try PrivateJournal.kill()
        try await rig.run {
            try await rig.commit(3_000)
            try await Task.sleep(for: .milliseconds(300))
            #expect(rig.relay.status.confirmedCount == 0)
            try PrivateJournal.hold(false)
            try await rig.delivered(3_000)
        }
    }

    @Test("an entry with many repeated fields and line breaks in a value comes back whole")
    func largeEntry() async throws {
        let rig = try JournalRig()
        var record = JournalRig.record()
        record.members = AuditMembership(
            added: AuditMembers((1...100).map { UniqueID(high: 1, low: UInt64($0)) })
        )
        _ = try await rig.store.commit(Changeset(.append(record.logEntry())))
        try await rig.run { try await rig.delivered(1) }
        let entry = try #require(try rig.journalctl("SCIM_STORE=\(rig.relay.journalStoreID)").first)
        #expect((entry["SCIM_MEMBER_ADDED"] as? [String])?.count == 64)
        #expect(entry["SCIM_MEMBER_ADDED_MORE"] as? String == "36")
    }

    @Test(
        "A resource's records are found again in the journal: the newest first, each once, and nobody else's"
    )
    func trail() async throws {
        let rig = try JournalRig()
        let (own, other) = (UniqueID(high: 2, low: 1), UniqueID(high: 2, low: 2))
        for number in 1...60 {
            for target in [own, other] {
                var record = JournalRig.record()
                record.target = AuditTarget(type: AuditSlug(number: 1), id: target)
                _ = try await rig.store.commit(Changeset(.append(record.logEntry())))
            }
            if number % 20 == 0 { rig.relay.wake() }
        }
        var record = JournalRig.record()
        record.members = AuditMembership(added: AuditMembers([own]))
        _ = try await rig.store.commit(Changeset(.append(record.logEntry())))
        try await rig.run { try await rig.delivered(121) }
        let journal = JournalTrail(storeID: rig.relay.journalStoreID, namespace: JournalSink.namespaceOfUnit)
        func page(_ before: TrailQuestion.Place?, limit: Int = AuditTrail.recordsMax) throws -> TrailPage {
            try #require(
                journal.records(TrailQuestion(stream: "acme", resource: own, before: before, limit: limit))
            )
        }
        let first = try page(nil)
        let second = try page(first.next)
        let numbers = (first.records + second.records).map(\.place.sequence)
        #expect(first.records.count == AuditTrail.recordsMax && second.next == nil)
        let expected: [UInt64] = (1...61).map { UInt64($0 * 2 - 1) }.reversed()
        #expect(numbers == expected)
        let attributes = second.records[0].fields.filter { $0.name == "SCIM_ATTR" }.map(\.value)
        #expect(attributes == ["active", "name.familyName"])
        #expect(
            try page(first.records[9].place.following, limit: 1).records[0].place == first.records[9].place
        )
        let stranger = JournalTrail(storeID: "none", namespace: JournalSink.namespaceOfUnit)
        let question = TrailQuestion(stream: "acme", resource: own, before: nil)
        #expect(stranger.records(question)?.records.isEmpty == true)
    }

    @Test("speed: confirmed records a second")
    func speed() async throws {
        let rig = try JournalRig()
        let count = 20_000
        try await rig.commit(count)
        let start = ContinuousClock.now
        try await rig.run { try await rig.delivered(UInt64(count)) }
        let time = ContinuousClock.now - start
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        print("confirmed \(Int(Double(count) / seconds)) records/s, resent \(rig.relay.status.resentCount)")
        #expect(seconds < 60)
    }
}

/// A store of its own, and a relay that delivers it to the journal.
struct JournalRig: Sendable {
    let store: MemoryStore
    let relay: AuditRelay

    init() throws {
        let clock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000_000) }
        var random = SystemRandomNumberGenerator()
        store = MemoryStore(
            storeID: .timeOrdered(milliseconds: clock() / 1_000, randomness: (random.next(), random.next())),
            clock: clock
        )
        relay = try AuditRelay(
            store: store,
            gate: AuditGate(),
            digest: TrailDigest { Digest.sha256($0) },
            pacer: ThreadPacer(),
            now: { Timestamp(microseconds: clock()) },
            report: { _ in }
        )
    }

    static func record() -> AuditRecord {
        var record = AuditRecord(.userCreate, .success, actor: .client(AuditSlug("hr-sync")))
        record.tenant = AuditSlug("acme")
        record.credentialID = AuditSlug("tok_7")
        record.origin = AuditOrigin(
            address: AuditAddress("10.0.3.9"),
            userAgent: AuditUserAgent("okta/1.0"),
            requestID: AuditSlug("0193"),
            method: .post,
            status: 201
        )
        record.attributes = ["active", "name.familyName"].compactMap { AuditAttributePath($0) }
        record.versions = .made
        return record
    }

    func commit(_ count: Int) async throws {
        var left = count
        while left > 0 {
            let group = min(left, 100)
            let mutations = (0..<group).map { _ in Mutation.append(Self.record().logEntry()) }
            _ = try await store.commit(Changeset(mutations))
            relay.wake()
            left -= group
        }
    }

    func run(_ body: () async throws -> Void) async throws {
        let thread = RelayThread(running: relay) { [relay] in JournalSink(storeID: relay.journalStoreID) }
        defer { relay.stop() }
        try await body()
        relay.stop()
        let hasEnded = await onOwnThread { thread.waitUntilEnded(within: .seconds(10)) }
        #expect(hasEnded)
    }

    func delivered(_ count: UInt64) async throws {
        while relay.status.confirmedCount < count { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// What an auditor finds with journalctl.
    func journalctl(_ match: String) throws -> [[String: Any]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/journalctl")
        let namespace = JournalSink.namespaceOfUnit.map { ["--namespace=\($0)"] } ?? []
        process.arguments = namespace + ["-o", "json", "--no-pager", match]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try output.split(separator: UInt8(ascii: "\n")).compactMap {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
    }
}
