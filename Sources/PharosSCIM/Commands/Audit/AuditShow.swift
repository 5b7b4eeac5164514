import ArgumentParser
import Audit
import Reactor
import Systemd

/// Shows records as sentences.
struct AuditShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show audit records as sentences: who did what.",
        discussion: """
            The last records come first to last, with all that name a user, a group or a request if one is given. Only ids \
            can be asked for, since no record has a name.

            Exit status: 0, also if nothing was found.

            Examples:
              pharos-scim audit show --tenant acme --lines 20
              pharos-scim audit show --user 01935b20-0000-7abc-8000-000000000001
              pharos-scim audit show --follow
            """
    )

    @OptionGroup var source: TrailSource
    @OptionGroup var selection: TrailSelection

    @Option(help: "How many of the last records.")
    var lines = 50

    @Flag(help: "Show further records as they come, until a signal ends it.")
    var follow = false

    @Flag(help: "Print the fields of each record as one line of JSON.")
    var json = false

    /// As much as a person reads, and more.
    private static let linesMax = 1_000_000
    /// How often new records are looked for.
    private static let pauseMicroseconds: Int64 = 250_000

    func validate() throws {
        guard (1...Self.linesMax).contains(lines) else {
            throw ValidationError("--lines is from 1 to \(Self.linesMax).")
        }
        if follow, !source.readsJournal { throw ValidationError("Only the journal can be followed.") }
    }

    func run() async throws {
        if source.readsJournal { return try tailJournal() }
        var last: [String] = []
        try source.read(selection, note: Terminal.note) { entry, _ in
            guard selection.admits(entry) else { return }
            last.append(line(entry))
            if last.count > 2 * lines { last.removeFirst(lines) }
        }
        for line in last.suffix(lines) { Terminal.show(line) }
    }

    private func tailJournal() throws {
        for clause in source.unreadable() { Terminal.note("\(clause).") }
        var known = KnownRecords()
        let pacer = ThreadPacer()
        try source.scan(selection).tail(
            lines,
            { entry in
                if selection.admits(entry), known.isNew(entry) { Terminal.show(line(entry)) }
                return true
            },
            wait: {
                guard follow else { return false }
                pacer.pause(microseconds: Self.pauseMicroseconds)
                return true
            }
        )
    }

    private func line(_ entry: JournalEntry) -> String {
        guard json else { return TrailSentence(entry.fields).line }
        return String(decoding: entry.jsonLine.dropLast(), as: UTF8.self)
    }
}

/// Tells a record from its second copy, as far back as copies come.
private struct KnownRecords {
    private var known: Set<String> = []
    private static let countMax = 10_000

    mutating func isNew(_ entry: JournalEntry) -> Bool {
        if known.count >= Self.countMax { known = [] }
        let name = ["SCIM_STORE", "SCIM_STREAM", "SCIM_SEQ"].map { entry.value($0) ?? "" }
        return known.insert(name.joined(separator: " ")).inserted
    }
}
