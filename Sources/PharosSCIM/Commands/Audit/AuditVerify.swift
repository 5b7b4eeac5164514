import ArgumentParser
import Audit
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

            Exit status: 0 the trail is intact, 1 it was tampered with or cut, 2 records are missing, 3 there is nothing to verify.

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
        help: ArgumentHelp("The id of the store (SCIM_STORE); records of others are faults.", valueName: "id")
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

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var notes: [String] = []
        var verifier = TrailVerifier(try expectation(&notes), digest: .system) { signature, message, key in
            Ed25519.verifies(signature, of: message, publicKey: key)
        }
        try source.read(note: { notes.append($0) }) { entry, number in verifier.take(entry, number: number) }
        Terminal.progress("verifying: \(verifier.recordCount) records")
        let report = verifier.finish()
        Terminal.progress("")
        let text = VerifyText(report, notes: notes)
        if output.json { Terminal.show(text.json.line) } else { text.show() }
        guard report.outcome == .intact else { throw ExitCode(report.outcome.rawValue) }
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
        } catch let error as HostError where data == nil {
            notes.append("Nothing is known of the store: \(error).")
            return expectation
        }
        guard let known else {
            notes.append("Nothing is known of the store: \(folder.auditHeadsPath) is not there.")
            return expectation
        }
        if store == nil || store == known.store {
            expectation.store = known.store
            expectation.heads = known.heads
            if source.readsJournal {
                expectation.user = Host.owner(of: folder.auditHeadsPath).map { "\($0)" }
            }
            if expectation.publicKeys.isEmpty { expectation.publicKeys = [known.publicKey] }
        }
        return expectation
    }

    /// Reads a key, or a file with keys: in Base64, alone or at the end of a verifier key of a signed note.
    private static func keys(_ text: String) throws -> [[UInt8]] {
        if let key = key(text) { return [key] }
        guard let content = try Host.readFile(text, bytesMax: 65_536) else {
            throw CommandFailure(.notThere, "\(text) is neither a public key nor a file.")
        }
        return try String(decoding: content, as: UTF8.self).split(separator: "\n").map { line in
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
