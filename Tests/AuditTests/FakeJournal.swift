import Audit
import Glibc
import Locking
import Storage
import Synchronization

/// A journal that does to entries what real ones do: loses, delays, doubles or refuses them.
final class FakeJournal: Sendable {
    enum Mood: Sendable {
        case well
        /// Takes everything and keeps nothing.
        case losesAll
        /// Keeps every n-th entry only.
        case keepsEvery(Int)
        /// Shows an entry after so many looks.
        case delays(Int)
        case doubles
        case refuses
    }

    private struct State {
        var mood: Mood
        var stored: [(entry: JournalEntry, looksLeft: Int)] = []
        var shown = 0
        var taken = 0
        var takenRecords: Set<AuditRecordID> = []
        var refused = 0
    }

    private let state: Locked<State>

    /// Whether it can be asked what it has.
    let isSearchable: Bool

    init(_ mood: Mood = .well, isSearchable: Bool = false) {
        state = Locked(State(mood: mood))
        self.isSearchable = isSearchable
    }

    /// Loses the entries that a test picks, as a power cut does.
    func lose(_ isLost: (JournalEntry) -> Bool) {
        state.withLock { state in
            state.stored.removeAll { isLost($0.entry) }
            state.shown = state.stored.count
        }
    }

    func set(_ mood: Mood) { state.withLock { $0.mood = mood } }

    /// Gives all entries another hash.
    func replaceHashes(by hash: String) {
        state.withLock { state in
            for index in state.stored.indices {
                var entry = JournalEntry()
                for field in state.stored[index].entry.fields {
                    let value = field.name == "SCIM_HASH" ? hash : field.value
                    entry.append(field.name.utf8.span, value.utf8.span)
                }
                state.stored[index].entry = entry
            }
        }
    }

    /// The records that an auditor would find, in the order in which they were stored.
    var records: [AuditRecordID] { state.withLock { $0.stored.compactMap { FakeJournal.id($0.entry) } } }

    var entries: [JournalEntry] { state.withLock { $0.stored.map(\.entry) } }

    var takenCount: Int { state.withLock { $0.taken } }

    /// The records that were taken since somebody asked last.
    func newRecords() -> Set<AuditRecordID> {
        state.withLock { state in
            defer { state.takenRecords = [] }
            return state.takenRecords
        }
    }

    var refusedCount: Int { state.withLock { $0.refused } }

    func take(_ entry: JournalEntry) -> Bool {
        state.withLock { state in
            if case .refuses = state.mood {
                state.refused += 1
                return false
            }
            state.taken += 1
            if let id = FakeJournal.id(entry) { state.takenRecords.insert(id) }
            switch state.mood {
            case .well: state.stored.append((entry, 0))
            case .losesAll, .refuses: break
            case .keepsEvery(let number):
                if state.taken % number == 0 { state.stored.append((entry, 0)) }
            case .delays(let looks): state.stored.append((entry, looks))
            case .doubles: state.stored += [(entry, 0), (entry, 0)]
            }
            return true
        }
    }

    func look(_ body: (AuditRecordID) -> Void) {
        let ids = state.withLock { state in
            var ids: [AuditRecordID] = []
            while state.shown < state.stored.count {
                guard state.stored[state.shown].looksLeft == 0 else {
                    for index in state.shown..<state.stored.count where state.stored[index].looksLeft > 0 {
                        state.stored[index].looksLeft -= 1
                    }
                    break
                }
                if let id = FakeJournal.id(state.stored[state.shown].entry) { ids.append(id) }
                state.shown += 1
            }
            return ids
        }
        for id in ids { body(id) }
    }

    private static func id(_ entry: JournalEntry) -> AuditRecordID? {
        let fields = entry.fields
        guard let stream = fields.first(where: { $0.name == "SCIM_STREAM" })?.value,
            let sequence = fields.first(where: { $0.name == "SCIM_SEQ" }).flatMap({ UInt64($0.value) })
        else { return nil }
        return AuditRecordID(stream: stream, sequence: sequence)
    }
}

/// One relay's connection to a ``FakeJournal``.
struct FakeSink: AuditSink {
    let journal: FakeJournal
    /// Whose records are found again; nil for all.
    var store: String?

    mutating func send(_ entries: [JournalEntry]) -> Bool { entries.allSatisfy { journal.take($0) } }

    mutating func readBack(_ body: (AuditRecordID) -> Void) { journal.look(body) }

    mutating func find(since microseconds: Int64, _ body: (AuditRecordID, TrailHash) -> Bool) -> Bool {
        guard journal.isSearchable else { return false }
        for entry in journal.entries where store == nil || entry.value("SCIM_STORE") == store {
            guard let stream = entry.value("SCIM_STREAM"), let number = entry.value("SCIM_SEQ"),
                let sequence = UInt64(number),
                let hash = entry.value("SCIM_HASH").flatMap({ TrailHash(hex: $0.utf8.span) })
            else { continue }
            guard body(AuditRecordID(stream: stream, sequence: sequence), hash) else { break }
        }
        return true
    }
}

/// Time that passes only by waiting for it, much faster than real time.
final class FakePacer: AuditPacer {
    private let time = Atomic<Int64>(0)

    var monotonicMicroseconds: Int64 { time.load(ordering: .relaxed) }

    func pause(microseconds: Int64) {
        usleep(10)
        pass(microseconds)
    }

    func wait(microsecondsMax: Int64) {
        usleep(1_000)
        pass(min(microsecondsMax, 1_000))
    }

    func signal() {}

    func pass(_ microseconds: Int64) { time.add(max(1, microseconds), ordering: .relaxed) }
}
