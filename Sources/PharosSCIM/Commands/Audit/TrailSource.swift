import ArgumentParser
import Audit
import Reactor
import Systemd

/// Where a trail is read: exported files, folders of journals, or this machine's journal.
struct TrailSource: ParsableArguments {
    @Argument(
        help:
            "Exported journals: journalctl -o export or -o json, or what serve --audit-output printed; - is standard input. (default: the journal)"
    )
    var files: [String] = []

    @Option(help: ArgumentHelp("The journal namespace. (default: the unit's)", valueName: "name"))
    var journalNamespace: String?

    @Option(
        name: .customLong("journal-directory"),
        help: ArgumentHelp(
            "A folder of journals, such as those of other machines; may be repeated.",
            valueName: "dir"
        )
    )
    var folders: [String] = []

    private static let blockBytes = 1 << 20
    private static let standardInputBytesMax = 1 << 40
    /// Progress is shown after so many entries.
    private static let stride: UInt64 = 20_000
    /// The namespace of the unit that `scripts/install` installs.
    private static let unitNamespace = "scim"

    var readsJournal: Bool { files.isEmpty && folders.isEmpty }

    /// The journal's namespace; nil for the default journal.
    var namespace: String? {
        if let journalNamespace { return journalNamespace.isEmpty ? nil : journalNamespace }
        if let own = JournalSink.namespaceOfUnit { return own }
        return Host.exists("/run/systemd/journal.\(Self.unitNamespace)") ? Self.unitNamespace : nil
    }

    /// The journals that are read.
    private var journals: [JournalScan.Place] {
        let folders = folders.flatMap { [$0] + JournalFiles.namespaces(in: $0) }
        return folders.map { .folder($0) } + (readsJournal ? [.namespace(namespace)] : [])
    }

    /// A clause for each file of the journals that cannot be read, and for each folder.
    func unreadable() -> [String] { journals.flatMap { JournalFiles($0).unreadable() } }

    /// How this machine's journal is read.
    func scan(_ selection: TrailSelection) -> JournalScan {
        JournalScan(
            .namespace(namespace),
            matches: selection.matches + senderMatches,
            alternatives: selection.alternatives
        )
    }

    /// On the server's own machine, only what its user has sent is a record: anybody may write to a journal.
    private var senderMatches: [String] {
        let path = SettingSources.find(Settings.data, flag: nil) ?? DataFolder.defaultPath
        return Host.owner(of: DataFolder(path: path).auditHeadsPath).map { ["_UID=\($0)"] } ?? []
    }

    /// Shows all entries, one source after another, each with its number in all of them.
    ///
    /// Of a journal only those are read that are selected, have the fields of `matches` and came at the time `since` or later; files show all
    /// that they have. `note` is told what is worth knowing. `ofAnybody`: whether entries of other users than the server's come too.
    func read(
        _ selection: TrailSelection? = nil,
        matches: [String] = [],
        ofAnybody: Bool = false,
        since: UInt64? = nil,
        note: (String) -> Void,
        _ body: (JournalEntry, UInt64) -> Void
    ) throws {
        var count: UInt64 = 0
        func show(_ entry: JournalEntry) {
            count += 1
            if count.isMultiple(of: Self.stride) { Terminal.progress("reading: \(count) entries") }
            body(entry, count)
        }
        for file in files { try Self.read(file, note) { entry, _ in show(entry) } }
        for clause in unreadable() { note("\(clause).") }
        for place in journals {
            let scan = JournalScan(
                place,
                matches: (selection?.matches ?? []) + matches
                    + (readsJournal && !ofAnybody ? senderMatches : []),
                alternatives: selection?.alternatives ?? [],
                since: since
            )
            try scan.run { entry in
                show(entry)
                return true
            }
        }
        Terminal.progress("")
    }

    private static func read(
        _ file: String,
        _ note: (String) -> Void,
        _ body: (JournalEntry, UInt64) -> Void
    ) throws {
        let spooled = file == "-" ? try SpooledInput(bytesMax: standardInputBytesMax) : nil
        let input: InputFile
        do throws(HostError) { input = try InputFile(path: spooled?.path ?? file) } catch {
            throw CommandFailure(.refused, "\(file) cannot be read: \(error).")
        }
        var parser = EntryParser()
        do {
            while true {
                let bytes = try input.read(bytesMax: blockBytes)
                if bytes.isEmpty { break }
                try parser.take(bytes, body)
            }
            try parser.finish(body)
        } catch let error as EntryError {
            throw CommandFailure(.refused, "\(file): \(error).")
        }
        let count = parser.tornCount
        if count > 0 {
            let lines = count == 1 ? "a line that is" : "\(count) lines that are"
            note("\(file) has \(lines) no entry, and left out.")
        }
    }
}
