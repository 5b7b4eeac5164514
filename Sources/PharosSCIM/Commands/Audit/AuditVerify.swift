import ArgumentParser
import Audit
import HTTP
import JSON
import Reactor
import TLS

/// Verifies the trail.
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify that the audit trail is whole and nothing in it was changed.",
        discussion: """
            Reads the journal, or exported files of one or several machines, and needs no server. Each record has to fit its \
            hash and follow the one before it, the streams have to end where the signed checkpoints say, and no \
            number may be missing. The first fault of each stream is told, with the number of the record. Records that \
            are there twice are normal.

            On the server's own machine, the data folder tells which store, user and key are right and where the streams end \
            at least. Elsewhere name the key that `audit make-key` or `audit show-key` printed with --key: without it, whoever signed \
            first is believed. Copies of earlier checkpoints, kept elsewhere and given as one more file, show \
            that a trail was cut back.

            With --since-last only what has come since the last verification is read, so that it can be done every hour: what was \
            verified before is not looked at again. With --record the outcome is recorded.

            Exit status: 0 the trail is intact, 1 it was tampered with or cut, 2 records are missing or may be, 3 there is nothing to verify.

            Examples:
              pharos-scim audit verify
              pharos-scim audit verify --key keys.txt june.export july.export
            """
    )

    @OptionGroup var source: TrailSource

    @Option(
        help: ArgumentHelp(
            "The data folder whose trail it is. (default: \(DataFolder.defaultPath), if a journal is read)",
            valueName: "dir"
        )
    )
    var data: String?

    @Option(
        help: ArgumentHelp(
            "A public key that may sign, or a file with such keys, one on each line; may be repeated.",
            valueName: "key"
        )
    )
    var key: [String] = []

    @Option(
        help: ArgumentHelp(
            "The id of the store (SCIM_STORE); records of others are faults then, and else left out.",
            valueName: "id"
        )
    )
    var store: String?

    @Option(
        help: ArgumentHelp(
            "Only the records of this tenant, which have no signature of their own.",
            valueName: "name"
        )
    )
    var tenant: String?

    @Flag(help: "Streams have to begin with their first records, though journals delete old ones.")
    var whole = false

    @Flag(help: "Begin where the last verification with this flag has ended, which the data folder tells.")
    var sinceLast = false

    @Flag(
        help:
            "Leave a record of the outcome in the trail (audit.verify), through the server of the data folder."
    )
    var record = false

    @OptionGroup var output: OutputOptions

    /// An entry may come earlier by the journal's clock than its record was made, where a clock was set back.
    private static let clockMicroseconds: UInt64 = 3_600_000_000

    func validate() throws {
        guard !sinceLast || source.readsJournal, !sinceLast || tenant == nil else {
            throw ValidationError("--since-last is for the whole journal of this machine.")
        }
    }

    func run() async throws {
        do { try await verify() } catch let code as ExitCode { throw code } catch let failure
            as CommandFailure where failure.kind != .failed
        { throw failure } catch {
            // The status of other failures says here that the trail was tampered with.
            throw CommandFailure(.refused, "The verification did not come to its end: \(error)")
        }
    }

    private func verify() async throws {
        var notes: [String] = []
        var expectation = try expectation(&notes)
        let folder = DataFolder(path: data ?? DataFolder.defaultPath)
        let last = sinceLast ? try lastVerified(folder, expectation, &notes) : nil
        expectation.starts = last?.heads ?? []
        var since = last?.time.map { UInt64(clamping: $0.microseconds) }
        since = since.map { $0 > Self.clockMicroseconds ? $0 - Self.clockMicroseconds : 0 }
        var (report, found) = try find(expectation, since: since)
        if since != nil, report.outcome != .intact { (report, found) = try find(expectation, since: nil) }
        // What is missing was told; the next verification goes on from what is there.
        let reached = sinceLast && report.outcome == .gaps ? try findAnew(expectation, &found) : report
        let text = VerifyText(report, notes: notes + found)
        if output.json { Terminal.show(text.json.line) } else { text.show() }
        if record { try await leaveRecord(of: report) }
        // A whole verification that is recorded is one from which the next one may go on, too.
        if sinceLast || record && source.readsJournal && tenant == nil, reached.outcome == .intact,
            let vouched = reached.vouched, let store = expectation.store, let key = reached.publicKeys[store]
        {
            try HeadsFile(store: store, publicKey: key, time: vouched.time, heads: vouched.heads)
                .write(to: folder.auditVerifiedPath)
        }
        guard report.outcome == .intact else { throw ExitCode(report.outcome.rawValue) }
    }

    /// What there is without regard to what was verified before.
    private func findAnew(
        _ expectation: TrailVerifier.Expectation,
        _ notes: inout [String]
    ) throws -> TrailReport {
        var expectation = expectation
        expectation.starts = []
        let report = try find(expectation, since: nil).0
        if report.outcome == .intact {
            notes.append("What is there is intact: the next verification with --since-last goes on from it.")
        }
        return report
    }

    /// What is found, and what is worth knowing of the input.
    private func find(
        _ expectation: TrailVerifier.Expectation,
        since: UInt64?
    ) throws -> (TrailReport, notes: [String]) {
        var verifier = TrailVerifier(expectation, digest: .system) { signature, message, key in
            Ed25519.verifies(signature, of: message, publicKey: key)
        }
        var found: [String] = []
        try source.read(ofAnybody: true, since: since, note: { found.append($0) }) { entry, number in
            verifier.take(entry, number: number)
        }
        Terminal.progress("verifying: \(verifier.recordCount) records")
        var report = verifier.finish()
        // Where the streams end at least is known with the data folder alone.
        report.isIncomplete = expectation.heads.isEmpty && !source.unreadable().isEmpty
        Terminal.progress("")
        return (report, found)
    }

    /// Where the last verification has ended; nil if there was none of this store, or somebody else's file tells it.
    private func lastVerified(
        _ folder: DataFolder,
        _ expectation: TrailVerifier.Expectation,
        _ notes: inout [String]
    ) throws -> HeadsFile? {
        do {
            guard let last = try HeadsFile(path: folder.auditVerifiedPath), last.store == expectation.store,
                expectation.publicKeys.contains(last.publicKey)
            else { return nil }
            guard let time = last.time, Self.mayBeVerified(last.heads, within: expectation.heads),
                time.microseconds <= Host.microsecondsSince1970()
            else {
                notes.append(
                    "What \(folder.auditVerifiedPath) tells of the last verification cannot be: all is read."
                )
                return nil
            }
            notes.append("Records up to \(time.microsecondText) were verified before.")
            return last
        } catch {
            notes.append("Nothing is known of the last verification: \(error)")
            return nil
        }
    }

    /// Whether streams that ended so when they were verified may end as the store says now.
    private static func mayBeVerified(_ heads: [Checkpoint.Head], within ends: [Checkpoint.Head]) -> Bool {
        let ends = Dictionary(ends.map { ($0.stream, $0.sequence) }) { $1 }
        return heads.allSatisfy { $0.sequence <= ends[$0.stream] ?? 0 }
    }

    /// Has the server record the outcome; the gravest fault names it.
    private func leaveRecord(of report: TrailReport) async throws {
        var members = [JSONObject.Member(name: "records", value: .number(JSONNumber(report.recordCount)))]
        let kinds = Set(report.findings.map(\.kind))
        // Whatever else was found is graver than a number that is missing.
        let worst = TrailFinding.Kind.allCases.first { kinds.contains($0) && $0 != .missing }
        if let worst = worst ?? (report.outcome == .gaps ? .missing : nil) {
            members.append(.init(name: "fault", value: .string(AuditReason(worst).word)))
        }
        guard report.outcome != .nothing else { return }
        let options = try DataOptions.parse(data.map { ["--data", $0] } ?? [])
        _ = try await options.send(.post, "/audit/verified", JSONObject(uniqueMembers: members))
    }

    private func expectation(_ notes: inout [String]) throws -> TrailVerifier.Expectation {
        var expectation = TrailVerifier.Expectation()
        expectation.store = store
        expectation.stream = tenant
        expectation.isWhole = whole
        for text in key { expectation.publicKeys += try Self.keys(text) }
        guard data != nil || source.readsJournal else { return expectation }
        let folder = DataFolder(path: data ?? DataFolder.defaultPath)
        let known: HeadsFile?
        do {
            known = try HeadsFile(path: folder.auditHeadsPath)
        } catch let error as HostError where !isFolderMeant {
            notes.append("Nothing is known of the store: \(error).")
            return expectation
        }
        guard let known else {
            guard !isFolderMeant else {
                let sentence =
                    "\(folder.auditHeadsPath) is not there: nothing tells which store, user and key are right."
                throw CommandFailure(.notThere, sentence)
            }
            notes.append("Nothing is known of the store: \(folder.auditHeadsPath) is not there.")
            return expectation
        }
        if store == nil || store == known.store {
            expectation.store = known.store
            expectation.allowsOthers = store == nil
            expectation.heads = known.heads
            expectation.formerTrails = known.formerTrails
            if source.readsJournal {
                expectation.user = Host.owner(of: folder.auditHeadsPath).map { "\($0)" }
            }
            if expectation.publicKeys.isEmpty {
                expectation.publicKeys = [known.publicKey] + known.formerKeys
            }
        }
        return expectation
    }

    /// Whether a data folder is named, or needed.
    private var isFolderMeant: Bool { data != nil || sinceLast }

    /// Reads a key, or a file with keys: in Base64, alone or at the end of a verifier key of a signed note.
    private static func keys(_ text: String) throws -> [[UInt8]] {
        if let key = key(text) { return [key] }
        guard let content = try Host.readFile(text, bytesMax: 65_536, mayWait: true) else {
            throw CommandFailure(.notThere, "\(text) is neither a public key nor a file.")
        }
        let lines = String(decoding: content, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard !lines.isEmpty else { throw CommandFailure(.refused, "\(text) has no public key.") }
        return try lines.map { line in
            guard let key = key(String(line)) else {
                throw CommandFailure(.refused, "\(text) has a line that is no public key.")
            }
            return key
        }
    }

    private static func key(_ text: String) -> [UInt8]? {
        let last = text.split(separator: "+", maxSplits: 2).last.map(String.init) ?? text
        for candidate in [text, last] {
            guard let bytes = Base64.bytes(candidate) else { continue }
            if bytes.count == Ed25519.keyByteCount { return bytes }
            // A signed note's key has 1 for Ed25519 in front.
            if bytes.count == Ed25519.keyByteCount + 1, bytes[0] == 1 { return Array(bytes.dropFirst()) }
        }
        return nil
    }
}
