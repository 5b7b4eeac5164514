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

        package init() {}
    }

    /// A record that fits its hash.
    struct Item {
        let sequence: UInt64
        let hash: TrailHash
        let previous: TrailHash
        let time: Timestamp
        let entry: UInt64
    }

    /// A checkpoint, and the number of its record.
    struct Signed {
        let checkpoint: Checkpoint
        let sequence: UInt64
        let entry: UInt64
    }

    struct Stream {
        var items: [Item] = []
        /// Records without a hash, of a time without a chain.
        var openCount = 0
        var openMax: UInt64 = 0
        var openEntry: UInt64 = 0
    }

    struct Trail {
        var streams: [String: Stream] = [:]
        var checkpoints: [Signed] = []
        /// What the store was called before a restore.
        var oldStore: String?
    }

    let expectation: Expectation
    let digest: TrailDigest
    /// Whether a signature is that of a message by the private key behind a public one.
    let verifies: @Sendable (_ signature: [UInt8], _ message: [UInt8], _ publicKey: [UInt8]) -> Bool
    private var hasher: RecordHasher
    var trails: [String: Trail] = [:]
    var report = TrailReport()
    private var foreignUsers: [String: Int] = [:]
    let starts: [String: Checkpoint.Head]

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
        guard record.isRecord, !wasVerified(record) else { return }
        if let wanted = expectation.stream, record.stream != wanted { return }
        report.recordCount += 1
        if let user = expectation.user, let sender = record.user, sender != user {
            foreignUsers[sender, default: 0] += 1
            guard foreignUsers[sender] == 1 else { return }
            return add(.foreign, record, number, "the journal says that user \(sender) has sent it")
        }
        guard record.isSealed else { return takeOpen(record, number) }
        guard let sequence = record.sequence, let hash = record.hash, let previous = record.previous,
            let time = record.time, hasher.hash(entry) == hash
        else { return add(.changed, record, number, "its content does not fit its hash") }
        let item = Item(sequence: sequence, hash: hash, previous: previous, time: time, entry: number)
        trails[record.store, default: Trail()].streams[record.stream, default: Stream()].items.append(item)
        guard record.stream == AuditRecord.systemStream else { return }
        if let old = record.oldStore { trails[record.store]?.oldStore = old }
        if record.isCheckpoint {
            guard let checkpoint = Checkpoint(entry) else {
                return add(.unsigned, record, number, "it is a checkpoint that cannot be read")
            }
            trails[record.store]?.checkpoints.append(
                Signed(checkpoint: checkpoint, sequence: sequence, entry: number)
            )
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
            return add(.changed, record, number, "it has neither a number nor a hash")
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

// MARK: - The end of the input

extension TrailVerifier {
    /// Looks at everything that was taken.
    package consuming func finish() -> TrailReport {
        let stores = trails.keys.sorted()
        let wanted = wantedStores
        for store in stores where wanted?.contains(store) == false {
            leaveOut(store)
        }
        for store in stores where wanted?.contains(store) ?? true {
            var starts: [String: StreamCheck.Start] = [:]
            for stream in (trails[store]?.streams ?? [:]).keys.sorted() {
                starts[stream] = check(stream, of: store)
            }
            if expectation.stream == nil {
                checkCheckpoints(of: store, starts)
            } else {
                report.notes.append("Checkpoints are about all streams, so that no signature was looked at.")
                for (stream, start) in starts where start == .unknown {
                    checkStart(stream, store, isVouched: false)
                }
            }
        }
        if expectation.store != nil {
            for head in expectation.heads where expectation.stream ?? head.stream == head.stream {
                checkEnd(head, named: "the store")
            }
        }
        return report
    }

    /// The store that is asked for and what it was called before; nil without one.
    private var wantedStores: Set<String>? {
        guard var store = expectation.store else { return nil }
        var wanted: Set = [store]
        while let old = trails[store]?.oldStore, wanted.insert(old).inserted { store = old }
        return wanted
    }

    private mutating func leaveOut(_ store: String) {
        let streams = trails[store]?.streams ?? [:]
        guard let (stream, first) = streams.min(by: { $0.key < $1.key }) else { return }
        report.add(
            TrailFinding(
                .foreign,
                store: store,
                stream: stream,
                first.items.first?.sequence ?? first.openMax,
                entry: first.items.first?.entry ?? first.openEntry,
                "it is a record of the store \(store)"
            )
        )
    }

    /// Looks at one stream; gives how it begins.
    private mutating func check(_ stream: String, of store: String) -> StreamCheck.Start {
        guard let found = trails[store]?.streams[stream] else { return .known }
        if found.openCount > 0 {
            report.notes.append("Stream \(stream): \(found.openCount) records are of a time without a chain.")
        }
        guard !found.items.isEmpty else { return .known }
        var check = StreamCheck(store: store, stream: stream, items: found.items)
        check.run()
        for finding in check.findings { report.add(finding) }
        report.duplicateCount += check.duplicateCount
        trails[store]?.streams[stream]?.items = check.items
        guard let first = check.items.first, let last = check.items.last else { return .known }
        if found.openMax >= first.sequence {
            report.add(
                TrailFinding(
                    .unsigned,
                    store: store,
                    stream: stream,
                    found.openMax,
                    entry: found.openEntry,
                    "it has no hash, though the stream is chained from record \(first.sequence) on"
                )
            )
        }
        report.streams.append(
            TrailReport.Stream(
                store: store,
                stream: stream,
                first: first.sequence,
                last: last.sequence,
                count: check.items.count,
                head: last.hash
            )
        )
        return start(of: first, stream, store)
    }

    private mutating func start(of first: Item, _ stream: String, _ store: String) -> StreamCheck.Start {
        let before = first.sequence - 1
        if store == expectation.store, let known = starts[stream] {
            if before == known.sequence, first.previous == known.hash { return .known }
            let text =
                "it does not follow from record \(known.sequence), with which the last verification ended"
            report.add(
                TrailFinding(.moved, store: store, stream: stream, first.sequence, entry: first.entry, text)
            )
            return .known
        }
        if first.previous == digest.anchor(store: store, stream: stream, sequence: before) { return .known }
        if before == 0, trails[store]?.oldStore == nil {
            report.add(
                TrailFinding(
                    .moved,
                    store: store,
                    stream: stream,
                    1,
                    entry: first.entry,
                    "it does not follow from the store and the stream"
                )
            )
            return .known
        }
        if let old = trails[store]?.oldStore,
            let last = trails[old]?.streams[stream]?.items.last(where: { $0.sequence == before }),
            first.previous
                == digest.restored(
                    store: store,
                    from: old,
                    stream: stream,
                    sequence: before,
                    head: last.hash
                )
        {
            return .known
        }
        return .unknown
    }

    /// A stream that begins in the middle: the journal deletes its oldest records, but somebody else may have done so too.
    mutating func checkStart(_ stream: String, _ store: String, isVouched: Bool) {
        guard let first = trails[store]?.streams[stream]?.items.first else { return }
        guard expectation.isWhole || !isVouched else {
            report.notes.append("Stream \(stream) begins with record \(first.sequence).")
            return
        }
        report.add(
            TrailFinding(
                .cut,
                store: store,
                stream: stream,
                first.sequence,
                entry: first.entry,
                "the stream begins with it, and no checkpoint vouches for what came before"
            )
        )
    }

    /// Whether a stream has the record with which somebody says that it ended once.
    @discardableResult
    mutating func checkEnd(
        _ head: Checkpoint.Head,
        named who: String,
        store: String? = nil,
        mayBeBefore: Bool = false
    )
        -> Bool
    {
        let store = store ?? expectation.store ?? ""
        if store == expectation.store, let start = starts[head.stream],
            head.sequence < start.sequence || head == start
        {
            return true
        }
        func add(_ kind: TrailFinding.Kind, _ text: String, entry: UInt64? = nil) {
            report.add(
                TrailFinding(kind, store: store, stream: head.stream, head.sequence, entry: entry, text)
            )
        }
        guard let items = trails[store]?.streams[head.stream]?.items, let first = items.first,
            let last = items.last
        else {
            if mayBeBefore { return true }
            add(.cut, "\(who) names it, and nothing of the stream is there")
            return false
        }
        let place = items.partition(first: head.sequence)
        if place < items.count, items[place].sequence == head.sequence {
            guard items[place].hash != head.hash else { return true }
            add(.replaced, "it is not the record that \(who) names", entry: items[place].entry)
            return false
        }
        if head.sequence > last.sequence {
            add(.cut, "\(who) names it, and the stream ends with record \(last.sequence)")
            return false
        }
        if head.sequence < first.sequence {
            if mayBeBefore || head.sequence == first.sequence - 1 && head.hash == first.previous {
                return true
            }
            add(.cut, "\(who) names it, and the stream begins with record \(first.sequence)")
            return false
        }
        // In between it is missing, which has been found; the next record still tells its hash.
        guard place < items.count, items[place].sequence == head.sequence + 1 else { return true }
        guard items[place].previous != head.hash else { return true }
        add(.replaced, "the record after it does not follow from what \(who) names")
        return false
    }
}

extension [TrailVerifier.Item] {
    /// The index of the first record whose number is not below one; the records are in order.
    func partition(first sequence: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
