import ArgumentParser
import HTTP
import JSON

/// Has the running server send records again that the journal has lost.
struct AuditReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Have the server send those records again that the journal has lost.",
        discussion: """
            The server compares the journal with the records that it still has, in its store and in the files of its commit \
            log, and sends again what is missing, each with the hash that it had. It does so at each start by itself. Records \
            that are older than the oldest one in the journal count as deleted because it was full, and not as lost. Nothing \
            else is delivered meanwhile, and changes go on.

            Exit status 1 if the journal cannot be read or takes nothing.

            Example:
              pharos-scim audit replay
            """
    )

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let folder = data.folder
        Terminal.progress("comparing the journal with the store")
        defer { Terminal.progress("") }
        guard
            let reply = try AdminClient(socketPaths: folder.adminSocketPaths).send(.post, "/audit/replay", [])
        else {
            throw CommandFailure(
                .unreachable,
                "No server answers on \(folder.adminSocketPath); at its start it does so by itself."
            )
        }
        let result = try reply.result()
        Terminal.progress("")
        result.show(output) { reply in
            let count = reply.integer("sent")
            Terminal.show(
                count == 0
                    ? "From its oldest record on, the journal has all that the store still has."
                    : "\(count) records that the journal had lost were sent again."
            )
        }
    }
}
