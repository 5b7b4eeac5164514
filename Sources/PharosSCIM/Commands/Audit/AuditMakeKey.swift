import ArgumentParser
import Reactor
import TLS

/// Makes a key that signs the trail.
struct AuditMakeKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-key",
        abstract: "Make a key that signs the audit trail, and print its public half.",
        discussion: """
            The file is an unencrypted Ed25519 key in PEM form, which only its owner can read. Give it to the service as the \
            credential audit-key, and keep no other copy where the server's user can read it. Keep the public key: who \
            verifies the trail names it.

            Example:
              pharos-scim audit make-key audit-key.pem
            """
    )

    @Argument(help: "The new file.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard !Host.exists(file) else { throw CommandFailure(.exists, "\(file) is there already.") }
        let key = Ed25519PrivateKey.make()
        try AuditKey.write(key, to: file)
        PublicKeyText.show(key, output)
    }
}
