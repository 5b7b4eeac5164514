package import Audit

/// Goes through the records in a journal, from the oldest on.
package struct JournalScan {
    /// Where the journal is.
    package enum Place: Sendable {
        /// This machine's; nil for the default journal.
        case namespace(String?)
        /// All journals in a folder, as `journalctl --directory` takes it.
        case folder(String)
    }

    /// Opens a file of a journal, and closes it again.
    ///
    /// - Throws: ``JournalError``, if it cannot be read: then nothing of it is shown, and nothing said of it.
    package static func tryFile(_ path: String) throws(JournalError) { _ = try Journal(file: path) }

    private let place: Place
    private let matches: [String]
    private let alternatives: [String]
    private let since: UInt64?

    /// - Parameters:
    ///   - place: where the journal is.
    ///   - matches: `NAME=value`, all of which an entry has to have.
    ///   - alternatives: further ones, of which an entry has to have one, if there are any.
    ///   - since: only entries that came then or later, in microseconds since 1970; nil for all.
    package init(_ place: Place, matches: [String] = [], alternatives: [String] = [], since: UInt64? = nil) {
        self.since = since
        self.place = place
        self.matches = matches
        self.alternatives = alternatives
    }

    /// Shows each entry, until the body says that it has enough, or until the end.
    ///
    /// - Throws: ``JournalError``, if the journal cannot be read.
    package func run(_ body: (JournalEntry) -> Bool) throws(JournalError) {
        let journal = try open()
        try journal.standBefore(since)
        var entry = JournalEntry()
        _ = try Self.show(journal, &entry, body)
    }

    /// Shows the last entries, then those that come, until the body says that it has enough.
    ///
    /// `wait` is called where nothing new is there; it ends the whole by false.
    package func tail(
        _ count: Int,
        _ body: (JournalEntry) -> Bool,
        wait: () -> Bool
    ) throws(JournalError) {
        let journal = try open()
        try journal.watchFiles()
        try journal.standBehind(nil)
        var back = 0
        while back <= count {
            guard try journal.goBack() else { break }
            back += 1
        }
        // The first step would otherwise skip the entry that this stands on.
        if back <= count { try journal.standBefore(nil) }
        var entry = JournalEntry()
        while try Self.show(journal, &entry, body), wait() { journal.learnFiles() }
    }

    /// Shows entries as far as there are any; whether more are wanted.
    private static func show(
        _ journal: borrowing Journal,
        _ entry: inout JournalEntry,
        _ body: (JournalEntry) -> Bool
    ) throws(JournalError) -> Bool {
        while try journal.goOn() {
            entry.removeAll()
            journal.copyFields(to: &entry)
            guard body(entry) else { return false }
        }
        return true
    }

    private func open() throws(JournalError) -> Journal {
        let journal =
            switch place {
            case .namespace(let name): try Journal(namespace: name)
            case .folder(let path): try Journal(folder: path)
            }
        try journal.showWholeValues()
        let common = ["SYSLOG_IDENTIFIER=\(AuditRow.identifier)"] + matches
        guard !alternatives.isEmpty else {
            for match in common { try journal.match(match) }
            return journal
        }
        for (index, alternative) in alternatives.enumerated() {
            if index > 0 { try journal.addAlternative() }
            for match in common + [alternative] { try journal.match(match) }
        }
        return journal
    }
}
