import ArgumentParser
import JSON

/// What concerns the store as a whole.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look at the store's own state.",
        subcommands: [Stat.self]
    )

    /// Prints figures of the store.
    struct Stat: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stat",
            abstract: "Show the commit log, what waits in memory, and the last checkpoint.",
            discussion: """
                Works beside a running server. Without one, it shows what a start would find.

                Example:
                  pharos-scim store stat
                """
        )

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.storeFigures().show(output) { reply in
                let figures = reply.list("figures").compactMap(\.object)
                for figure in figures {
                    let value = "\(figure.integer("value"))"
                    let room = String(repeating: " ", count: max(1, 16 - value.count))
                    Terminal.show("\(value)\(room)\(figure.text("summary"))")
                }
            }
        }
    }
}
