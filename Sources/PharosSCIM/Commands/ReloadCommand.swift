import ArgumentParser
import HTTP
import JSON

/// Has the running server read its settings and its certificate again.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running server read its settings, its certificate and its key again.",
        discussion: """
            Open connections stay, new ones get the new certificate. Settings that a reload takes hold at once; of others \
            that have changed the answer says that they need a restart. If anything cannot be used, all stays as it was, \
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
            if let serial = reply["serialNumber"]?.text, let end = reply["notAfter"]?.text {
                Terminal.show("The certificate \(serial), valid until \(end), is in use.")
            } else {
                Terminal.show("The server speaks plain HTTP: there is no certificate to read.")
            }
            let changed = reply.texts("changed").joined(separator: ", ")
            if !changed.isEmpty { Terminal.show("Changed: \(changed).") }
            let waiting = reply.texts("needsRestart").joined(separator: ", ")
            if !waiting.isEmpty { Terminal.show("Changed, and in use only after a restart: \(waiting).") }
        }
    }
}
