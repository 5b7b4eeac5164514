import ArgumentParser
import JSON
import Reactor

/// Puts a backup back.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make the store of a data folder from a backup, while no server runs.",
        discussion: """
            All files of the backup are compared with its manifest first. The new store is made beside the old one and \
            takes its place in one step, when it is whole. A new audit trail begins with it, as with `audit restored`, \
            and the record `store.restore` tells so. With --force, a store that is there is kept in the data folder \
            under a name with the time; remove it when you do not need it any more.

            With --to-time, the changes follow that were made after the backup up to that time (RFC 3339), as far as \
            the commit log has them: that of the store which is replaced, or the one of --log.

            Examples:
              pharos-scim restore /var/backups/pharos-scim/2026-11-30
              pharos-scim restore /var/backups/pharos-scim/2026-11-30 --force --to-time 2026-11-30T14:05:00Z
            """
    )

    @Argument(help: ArgumentHelp("The folder of the backup.", valueName: "folder"))
    var backup: String

    @Flag(help: "Replace a store that is there, and keep it under another name.")
    var force = false

    @Option(help: ArgumentHelp("Add the changes up to this time from the commit log.", valueName: "time"))
    var toTime: PointInTime?

    @Option(
        help: ArgumentHelp(
            "The folder of the commit log for --to-time. (default: that of the store that is replaced)",
            valueName: "folder"
        )
    )
    var log: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if log != nil, toTime == nil { throw ValidationError("--log is for --to-time.") }
    }

    func run() async throws {
        let folder = data.folder
        guard try !AdminClient(socketPaths: folder.adminSocketPaths).isAnswered() else {
            throw CommandFailure(.refused, "A server has the store open. Stop it first.")
        }
        let manifest = try BackupManifest(in: backup)
        guard force || !Host.exists(folder.storePath) else {
            throw CommandFailure(
                .exists,
                "\(folder.path) holds a store. --force replaces it, and keeps it under another name."
            )
        }
        try BackupFolder.verify(manifest, in: backup) { done, all in
            Terminal.progress("verifying: \(done >> 20) of \(all >> 20) MiB")
        }
        let store = RestoredStore(manifest: manifest, backup: backup, folder: folder)
        let following = toTime.map {
            RestoredStore.Following(logFolder: log ?? folder.logPath, time: $0.time)
        }
        let outcome = try await store.make(following, progress: Terminal.progress)
        Terminal.progress("")
        show(outcome, manifest)
    }

    private func show(_ outcome: RestoredStore.Outcome, _ manifest: BackupManifest) {
        var object = JSONObject(uniqueMembers: [
            .init(name: "backup", value: .string(backup)),
            .init(name: "time", value: .string(outcome.time.microsecondText)),
            .init("rows", manifest.rowCount), .init("records", manifest.recordCount + outcome.followedCount),
            .init("damagedRows", outcome.damagedRowCount),
            .init(name: "store", value: .string(outcome.trail.new)),
            .init(name: "storeOld", value: .string(outcome.trail.old)),
        ])
        object["nextTime"] = outcome.nextTime.map { .string($0.microsecondText) }
        object["former"] = outcome.former.map { .string($0) }
        object.show(output) { _ in
            Terminal.show("The store is that of \(outcome.time.microsecondText).")
            if let next = outcome.nextTime {
                Terminal.show(
                    "The next change in the log, which it does not have, is of \(next.microsecondText)."
                )
            }
            Terminal.show(
                "A new trail begins: SCIM_STORE is \(outcome.trail.new), and was \(outcome.trail.old)."
            )
            if let former = outcome.former { Terminal.show("The former store is in \(former).") }
        }
        guard outcome.damagedRowCount > 0 else { return }
        Terminal.note("Rows with a wrong checksum: \(outcome.damagedRowCount). Run `check`.")
    }
}

/// A time as an argument, as RFC 3339 has it.
struct PointInTime: ExpressibleByArgument {
    let time: Timestamp

    init?(argument: String) {
        guard let time = Timestamp(rfc3339: argument) else { return nil }
        self.time = time
    }
}
