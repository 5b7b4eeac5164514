import ArgumentParser
import HTTP
import JSON
import Reactor
import Service

/// Makes a copy of the store.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a folder, beside a running server or without one.",
        discussion: """
            The copy is of one moment: it has every change that was acknowledged before the command began, and those \
            until its end. It holds personal data and the digests of tokens; only its owner may read it. The folder \
            must be empty, or not there, and outside the data folder. What is not in it: the key that signs the audit \
            trail, and the certificate.

            With --verify, the files of a backup are compared with its manifest, and nothing is copied.

            Exit status 2 if the copy was made and rows of the store are damaged: run `check` then.

            Examples:
              pharos-scim backup /var/backups/pharos-scim/2026-11-30
              pharos-scim backup --verify /var/backups/pharos-scim/2026-11-30
            """
    )

    /// The exit status when the store is damaged.
    private static let damage = ExitCode(2)
    /// Beside a server, what of its disk and its processors a copy may take, in MiB of rows a second.
    private static let rateOfServer = 32

    @Argument(help: ArgumentHelp("The folder of the backup.", valueName: "folder"))
    var folder: String

    @Option(
        help: ArgumentHelp(
            "How many MiB to copy each second at most; 0 for no limit. (default: \(rateOfServer) beside a server)",
            valueName: "mib"
        )
    )
    var rate: Int?

    @Flag(help: "Compare the files of a backup with its manifest instead.")
    var verify = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rate.map({ $0 >= 0 }) ?? true else { throw ValidationError("--rate is not negative.") }
    }

    func run() async throws {
        let manifest = verify ? try verified() : try await made()
        Terminal.progress("")
        manifest.json.show(output) { object in
            let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
            Terminal.show(
                "\(folder) \(verify ? "is whole" : "has the copy"): \(object.integer("tenants")) tenants, "
                    + "\(manifest.rowCount) rows, \((bytes + 1 << 20 - 1) >> 20) MiB, as of \(manifest.time)."
            )
        }
        guard manifest.damagedRowCount > 0 else { return }
        Terminal.note("Rows of the store with a wrong checksum: \(manifest.damagedRowCount). Run `check`.")
        throw Self.damage
    }

    private func verified() throws -> BackupManifest {
        let manifest = try BackupManifest(in: folder)
        try BackupFolder.verify(manifest, in: folder) { done, all in
            Terminal.progress("verifying: \(done >> 20) of \(all >> 20) MiB")
        }
        return manifest
    }

    private func made() async throws -> BackupManifest {
        try refuseInside(data.folder.path)
        let isNew = try BackupFolder.make(folder)
        do {
            return try await data.withChannel { channel in try await copy(through: channel) }
        } catch {
            if !Host.exists("\(folder)/\(BackupManifest.fileName)") {
                for name in [BackupFolder.rows, BackupFolder.log] {
                    try? Host.removeFile("\(folder)/\(name)")
                }
                if isNew { try? Host.removeFolder(folder) }
            }
            throw error
        }
    }

    /// What goes with the store's own folder would be no backup.
    private func refuseInside(_ store: String) throws {
        guard let outer = Host.resolvedPath(store) else { return }
        guard let inner = Host.resolvedPath(folder), inner != outer, !inner.hasPrefix(outer + "/") else {
            throw CommandFailure(.refused, "\(folder) is in the data folder, with which it would be lost.")
        }
    }

    private func copy(through channel: AdminChannel) async throws -> BackupManifest {
        let id = try await channel.send(.post, "/backups").text("id")
        do {
            let manifest = try await copy(id, through: channel)
            try manifest.write(to: folder)
            _ = try await channel.send(.post, "/backups/\(id)/finish")
            return manifest
        } catch {
            // If the server has gone, or has ended the copy itself, there is nothing to tell.
            _ = try? await channel.send(.delete, "/backups/\(id)")
            throw error
        }
    }

    private func copy(_ id: String, through channel: AdminChannel) async throws -> BackupManifest {
        var rows = try BackupFile(BackupFolder.rows, in: folder)
        var log = try BackupFile(BackupFolder.log, in: folder)
        var pace = CopyPace(mibEachSecond: rate ?? (channel.isServer ? Self.rateOfServer : 0))
        while true {
            let part = try await channel.part("/backups/\(id)/next")
            try rows.write(part.rows)
            try log.write(part.log)
            if part.isLast {
                let files = [try rows.finish(), try log.finish()]
                return BackupManifest(summary: part.head.object("summary"), files: files)
            }
            let (done, all) = (part.head.integer("rowCount"), part.head.integer("rowCountExpected"))
            Terminal.progress("copying: \(done) of about \(max(done, all)) rows")
            try await pace.wait(after: part.rows.count + part.log.count)
        }
    }
}

/// Lets a copy go no faster than it may.
private struct CopyPace {
    /// 0 for no limit.
    private let bytesEachSecond: Int
    private var next = ContinuousClock.now

    init(mibEachSecond: Int) { bytesEachSecond = mibEachSecond << 20 }

    /// Waits until what was copied has taken its time.
    mutating func wait(after bytes: Int) async throws {
        guard bytesEachSecond > 0 else { return }
        let time = Duration.microseconds(Int64(bytes) * 1_000_000 / Int64(bytesEachSecond))
        // A delay is not made up for.
        next = max(next + time, .now)
        try await Task.sleep(until: next)
    }
}

extension AdminChannel {
    fileprivate var isServer: Bool {
        if case .server = self { true } else { false }
    }

    /// Asks for a part of a copy.
    fileprivate func part(_ path: String) async throws -> BackupPart {
        let reply = try await reply(.post, path)
        guard reply.status == 200 else {
            _ = try reply.result()
            throw CommandFailure(.failed, "The server's answer was not understood.")
        }
        guard let part = BackupPart(bytes: reply.body) else {
            throw CommandFailure(.failed, "The server's answer was not understood.")
        }
        return part
    }
}
