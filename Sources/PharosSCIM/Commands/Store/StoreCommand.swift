import ArgumentParser
import JSON
import Reactor
import Storage
import StorageLMDB

/// What concerns the store as a whole.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look at the store's own state, and make its data file smaller.",
        subcommands: [Stat.self, Compact.self]
    )

    /// Prints figures of the store.
    struct Stat: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stat",
            abstract: "Show the commit log, what waits in memory, the last checkpoint, and the data file.",
            discussion: """
                Works beside a running server. Without one, it shows what a start would find. The data file does not \
                become smaller by itself: pages that are free are used again. If a quarter of it and more is free, \
                `store compact` may be worth it.

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

    /// Gives back what the data file does not use.
    struct Compact: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "compact",
            abstract: "Write the data file anew without its free pages, while no server runs.",
            discussion: """
                The new file is written beside the old one and takes its place when it is whole, so that the disk needs \
                room for both. Nothing else of the store changes.

                Example:
                  pharos-scim store compact
                """
        )

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = data.folder
            guard try !AdminClient(socketPaths: folder.adminSocketPaths).isAnswered() else {
                throw CommandFailure(.refused, "A server has the store open. Stop it first.")
            }
            guard folder.holdsStore else {
                throw CommandFailure(.notThere, "\(folder.path) holds no store.")
            }
            try folder.requireOwner()
            Terminal.progress("compacting")
            let outcome = try compacted(folder)
            Terminal.progress("")
            JSONObject(uniqueMembers: [
                .init("bytesBefore", outcome.bytesBefore), .init("bytesAfter", outcome.bytesAfter),
            ]).show(output) { _ in
                Terminal.show(
                    "The data file had \(outcome.bytesBefore) bytes, and has \(outcome.bytesAfter)."
                )
            }
        }

        private func compacted(_ folder: DataFolder) throws -> StoreCompaction.Outcome {
            do throws(StoreError) {
                return try StoreCompaction.compact(path: folder.storePath)
            } catch .inUse(let holder) {
                throw CommandFailure(
                    .unreachable,
                    "The store in \(folder.path) is open in \(holder ?? "another process")."
                )
            } catch .full {
                throw CommandFailure(
                    .failed,
                    "There is no room for the new data file beside the old one. The store is as it was."
                )
            } catch {
                throw CommandFailure(.failed, "The data file could not be written anew: \(error).")
            }
        }
    }
}
