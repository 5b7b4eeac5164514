import ArgumentParser

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
