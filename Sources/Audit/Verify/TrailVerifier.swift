internal import JSON
internal import Storage

/// Verifies a trail from its records alone, in whatever order and however often they come.
///
/// ```
/// entry ─► does the content fit its hash? ─► stream ─┬─► numbers, links, beginning
///                                                    └─► ends at each checkpoint, their tree, its signature
/// ```
package struct TrailVerifier {
    /// What the trail is held to.
    package struct Expectation: Sendable {
        /// The store; others' records are foreign then, but for those of its earlier incarnations.
        package var store: String?
        /// Whether records of other stores may be there, as where several servers share a journal: they are left out.
        package var allowsOthers = false
        /// Only this stream; then nothing is known of checkpoints, which are about all of them.
        package var stream: String?
        /// The Unix user that sends the records, as the journal notes it.
        package var user: String?
        /// The keys that sign; without one, the first that is met.
        package var publicKeys: [[UInt8]] = []
        /// Whether the streams have to begin with their first records, which a journal deletes in time.
        package var isWhole = false
        /// Where streams of the store ended when they were verified last: what comes is what follows.
        package var starts: [Checkpoint.Head] = []
        /// Where streams of the store end at least, from ``store``'s own notes.
        package var heads: [Checkpoint.Head] = []
        /// What the store was called before it was put back, the last one first, and where its streams ended at least, from its own notes.
        package var formerTrails: [(store: String, heads: [Checkpoint.Head])] = []

        package init() {}
    }

    /// A record that fits its hash.
    struct Item {
        let sequence: UInt64
        let hash: TrailHash
        let previous: TrailHash
        let time: Timestamp
        let entry: UInt64
        let sender: Sender
        let isAdmins: Bool
    }

    /// The Unix user that has sent a record, by its place in a list; nil if the journal has not noted it.
    typealias Sender = UInt16?

    /// A checkpoint, and the number of its record.
    struct Signed {
        let checkpoint: Checkpoint
        let sequence: UInt64
        let entry: UInt64
        let sender: Sender
    }

    struct Stream {
        var items: [Item] = []
        /// Records without a hash, of a time without a chain.
        var openCount = 0
        var openMax: UInt64 = 0
        var openEntry: UInt64 = 0
    }

    /// A stream of which some records have no hash, and the first one with a hash says that there was a time without a chain.
    struct OpenStream {
        let store: String
        let stream: String
        /// How many have none, and the one of the highest number.
        let count: Int
        let last: (sequence: UInt64, entry: UInt64)
        /// When the first record with a hash was made.
        let chainedAt: Timestamp
    }

    /// What a record says of a restore: what the store was called before.
    struct Restore {
        let old: String
        let sequence: UInt64
        let entry: UInt64
    }

    struct Trail {
        var streams: [String: Stream] = [:]
        var checkpoints: [Signed] = []
        /// The records of restores, in the order in which they were read.
        var restores: [Restore] = []
        /// The streams that checkpoints name because they had got records, and those that are named with the others, with their ends then.
        var named: Set<String> = []
        var reminded: [String: UInt64] = [:]
        /// The numbers of records with which processes begin.
        var serviceStarts: [UInt64] = []

        /// Whether a stream may have rested since long ago where a checkpoint names it with all others.
        func mayRest(_ head: Checkpoint.Head) -> Bool {
            !named.contains(head.stream) && reminded[head.stream] ?? head.sequence == head.sequence
        }
    }

    let expectation: Expectation
    let digest: TrailDigest
    /// Whether a signature is that of a message by the private key behind a public one.
    let verifies: @Sendable (_ signature: [UInt8], _ message: [UInt8], _ publicKey: [UInt8]) -> Bool
    private var hasher: RecordHasher
    var trails: [String: Trail] = [:]
    var report = TrailReport()
    var openStreams: [OpenStream] = []
    /// The first record of each store that each other user has sent, and how many there are.
    private var foreign: [String: [String: (finding: TrailFinding, count: Int)]] = [:]
    /// The users that have sent records.
    private(set) var users: [String] = []
    let starts: [String: Checkpoint.Head]
    /// What stores were called before a restore.
    var oldStores: [String: String] = [:]
    /// The stores of whose trails nothing has been deleted.
    var wholeStores: Set<String> = []
    /// Those whose own streams are whole, and the beginnings of others were deleted, which came before.
    var lostBeginnings: Set<String> = []

    package init(
        _ expectation: Expectation,
        digest: TrailDigest,
        verifies: @escaping @Sendable (_ signature: [UInt8], _ message: [UInt8], _ publicKey: [UInt8]) -> Bool
    ) {
        self.expectation = expectation
        starts = Dictionary(expectation.starts.map { ($0.stream, $0) }) { $1 }
        self.digest = digest
        self.verifies = verifies
        hasher = RecordHasher(digest)
    }

    /// How many records were taken so far.
    package var recordCount: Int { report.recordCount }

    /// Takes an entry, which is the one of this number in the input; what is no record is left out.
    package mutating func take(_ entry: JournalEntry, number: UInt64) {
        let record = VerifiedRecord(entry)
        guard record.isRecord else { return }
        if let wanted = expectation.stream, record.isNamed, record.stream != wanted {
            // It tells from which trail a tenant's goes on.
            if record.isRestore, record.hash == hasher.hash(entry) { takeRestore(record, number) }
            return
        }
        if let user = expectation.user, let sender = record.user, sender != user {
            report.recordCount += 1
            return takeForeign(record, number, sender)
        }
        guard !wasVerified(record) else { return }
        report.recordCount += 1
        guard record.isNamed else {
            return add(.changed, record, number, "it does not name a stream of a store as records do")
        }
        guard record.isSealed else { return takeOpen(record, number) }
        guard let sequence = record.sequence, let hash = record.hash, let previous = record.previous,
            let time = record.time, hasher.hash(entry) == hash
        else { return add(.changed, record, number, "its content does not fit its hash") }
        let item = Item(
            sequence: sequence,
            hash: hash,
            previous: previous,
            time: time,
            entry: number,
            sender: record.user.flatMap { sender($0) },
            isAdmins: record.isAdmins
        )
        trails[record.store, default: Trail()].streams[record.stream, default: Stream()].items.append(item)
        guard record.stream == AuditRecord.systemStream else { return }
        if record.isRestore { takeRestore(record, number) }
        if record.isServiceStart { trails[record.store]?.serviceStarts.append(sequence) }
        if record.isCheckpoint {
            guard let checkpoint = Checkpoint(entry) else {
                return add(.unsigned, record, number, "it is a checkpoint that cannot be read")
            }
            trails[record.store]?.checkpoints.append(
                Signed(checkpoint: checkpoint, sequence: sequence, entry: number, sender: item.sender)
            )
        }
    }

    /// The place of a user in the list; beyond some thousands, which no machine has, all are one.
    private mutating func sender(_ user: String) -> UInt16 {
        if let last = users.last, last == user { return UInt16(users.count - 1) }
        if let place = users.firstIndex(of: user) { return UInt16(place) }
        if users.count < Self.usersMax { users.append(user) }
        return UInt16(users.count - 1)
    }

    private static let usersMax = 4_096

    /// Takes what the trail was called before a restore.
    private mutating func takeRestore(_ record: VerifiedRecord, _ number: UInt64) {
        guard let old = record.oldStore, old != record.store, AuditSlug(old) != nil,
            let sequence = record.sequence
        else { return add(.replaced, record, number, "it tells of no restore") }
        trails[record.store, default: Trail()].restores.append(
            Restore(old: old, sequence: sequence, entry: number)
        )
    }

    private mutating func takeForeign(_ record: VerifiedRecord, _ number: UInt64, _ sender: String) {
        guard foreign[record.store]?[sender] == nil else {
            foreign[record.store]?[sender]?.count += 1
            return
        }
        let text = "the journal says that user \(sender) has sent it"
        let finding = TrailFinding(
            .foreign,
            store: record.store,
            stream: record.stream,
            record.sequence,
            entry: number,
            text
        )
        // So many are no other servers that share the journal: whoever plants them hides nothing behind them.
        guard foreign.count < Self.usersMax, foreign[record.store]?.count ?? 0 < Self.usersMax else {
            return report.add(finding)
        }
        foreign[record.store, default: [:]][sender] = (finding, 1)
    }

    /// Tells of the records that other users have sent; another server's, where such may be there, are no fault.
    ///
    /// `wanted`: the stores that are verified; nil for all.
    mutating func tellOfSenders(_ wanted: Set<String>?) {
        for (store, senders) in foreign.sorted(by: { $0.key < $1.key }) {
            let isOther = !store.isEmpty && expectation.allowsOthers && wanted?.contains(store) == false
            for (sender, found) in senders.sorted(by: { $0.key < $1.key }) {
                guard isOther else {
                    report.add(found.finding)
                    continue
                }
                report.recordCount -= found.count
                let records = found.count == 1 ? "1 record" : "\(found.count) records"
                report.notes.append(
                    "\(records) of the store \(store), sent by user \(sender), were left out: it is another one."
                )
            }
        }
    }

    /// Whether an earlier verification has seen the record.
    private func wasVerified(_ record: VerifiedRecord) -> Bool {
        guard record.store == expectation.store, let start = starts[record.stream],
            let sequence = record.sequence
        else { return false }
        return sequence <= start.sequence
    }

    private mutating func takeOpen(_ record: VerifiedRecord, _ number: UInt64) {
        guard let sequence = record.sequence else {
            return add(.changed, record, number, "it has neither a number of records nor a hash")
        }
        var stream = trails[record.store, default: Trail()].streams[record.stream] ?? Stream()
        stream.openCount += 1
        if sequence > stream.openMax { (stream.openMax, stream.openEntry) = (sequence, number) }
        trails[record.store, default: Trail()].streams[record.stream] = stream
    }

    private mutating func add(
        _ kind: TrailFinding.Kind,
        _ record: VerifiedRecord,
        _ number: UInt64,
        _ text: String
    ) {
        report.add(
            TrailFinding(
                kind,
                store: record.store,
                stream: record.stream,
                record.sequence,
                entry: number,
                text
            )
        )
    }
}
