import ArgumentParser
import Audit
import JSON
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

/// Prints the public half of a key.
struct AuditShowKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show-key",
        abstract: "Print the public half of a key that signs the audit trail.",
        discussion: """
            Without a file, it is the key in the data folder.

            Example:
              pharos-scim audit show-key audit-key.pem
            """
    )

    @Argument(help: "The private key's file. (default: audit-key in the data folder)")
    var file: String?

    @Option(help: ArgumentHelp("The folder that holds the data.", valueName: "dir"))
    var data = DataFolder.defaultPath

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let key = try AuditKey.read(file ?? DataFolder(path: data).auditKeyPath)
        PublicKeyText.show(key, output)
    }
}

private enum PublicKeyText {
    static func show(_ key: Ed25519PrivateKey, _ output: OutputOptions) {
        let text = Base64.text(key.publicKey)
        guard output.json else { return Terminal.show(text) }
        Terminal.show(JSONObject(uniqueMembers: [.init(name: "publicKey", value: .string(text))]).line)
    }
}
