import ArgumentParser
import Audit
import JSON
import TLS

/// Prints the newest checkpoint for witnesses.
struct AuditNote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Print the newest checkpoint of the audit trail as a signed note.",
        discussion: """
            The note is a tlog-checkpoint of C2SP (https://c2sp.org/tlog-checkpoint): origin, number of checkpoints, root of \
            the tree over them, and a signature. Whoever keeps notes elsewhere, or has a witness sign them too, can prove \
            later that nothing was cut off. Nothing is verified here; that is what audit verify does.

            Exit status: 0; 1 if there is no signed checkpoint.

            Example:
              pharos-scim audit note
              pharos-scim audit note --verifier-key
            """
    )

    @OptionGroup var source: TrailSource

    @Flag(help: "Print the public key instead, as witnesses take it: name, key id and key.")
    var verifierKey = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var newest: Checkpoint?
        let matches = ["SCIM_EVENT=\(AuditEvent.auditCheckpoint.name)"]
        try source.read(matches: matches, note: Terminal.note) { entry, _ in
            guard let checkpoint = Checkpoint(entry),
                Ed25519.verifies(
                    checkpoint.signature,
                    of: checkpoint.note(.system),
                    publicKey: checkpoint.publicKey
                )
            else { return }
            if newest.map({ $0.time < checkpoint.time }) ?? true { newest = checkpoint }
        }
        guard let newest else { throw CommandFailure(.failed, "There is no signed checkpoint.") }
        let note = newest.signedNote(.system)
        let key = Checkpoint.verifierKey(store: newest.store, publicKey: newest.publicKey, .system)
        guard output.json else { return Terminal.show(verifierKey ? key : String(note.dropLast())) }
        Terminal.show(
            JSONObject(uniqueMembers: [
                .init(name: "note", value: .string(note)), .init(name: "verifierKey", value: .string(key)),
            ]).line
        )
    }
}
