import ArgumentParser
import HTTP
import JSON

/// Has the running server read its certificate again.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running server read its certificate and key again.",
        discussion: """
            Open connections stay, new ones get the new certificate. If it cannot be used, the old one stays in use, \
            and the exit status is 1. `systemctl reload pharos-scim` runs this command.

            Example:
              pharos-scim reload
            """
    )

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = AdminClient(socketPaths: data.folder.adminSocketPaths)
        guard let reply = try client.send(.post, "/reload", []) else {
            throw CommandFailure(.unreachable, "No server answers on \(data.folder.adminSocketPath).")
        }
        try reply.result().show(output) { reply in
            guard let serial = reply["serialNumber"]?.text, let end = reply["notAfter"]?.text else {
                return Terminal.show("The server speaks plain HTTP: there is no certificate to read.")
            }
            Terminal.show("The certificate \(serial), valid until \(end), is in use.")
        }
    }
}
