internal import JSON
internal import Storage

/// When the next checkpoint is due, and what it will tell; belongs to the relay's thread.
struct CheckpointPlan {
    private var tree: HeadTree
    /// Streams that have got records since the last checkpoint; in a new process all of them.
    private var changed: Set<String>
    /// Whether records have been delivered since, other than checkpoints.
    private var hasNews = false
    private var madeAt: Int64?
    /// Up to when the last checkpoint covers records.
    private var coveredTime: Timestamp?
    /// Not before this time, after one that could not be stored.
    private var notBefore: Int64 = .min
    /// When the last record that was delivered was committed.
    private(set) var time: Timestamp?

    init(_ heads: [String: ChainHead], _ digest: TrailDigest) {
        tree = HeadTree(digest)
        changed = []
        for (stream, head) in heads {
            tree.set(stream, sequence: head.sequence, hash: head.hash)
            changed.insert(stream)
        }
    }

    /// Takes records that were delivered, in their order.
    mutating func note(_ delivered: [SealedRecord]) {
        for record in delivered {
            let row = record.row.row
            tree.set(row.stream, sequence: record.head.sequence, hash: record.head.hash)
            changed.insert(row.stream)
            time = Timestamp(microseconds: row.timeMicroseconds)
            if !record.row.isCheckpoint { hasNews = true }
        }
    }

    /// Whether a checkpoint is to be made at a monotonic time in microseconds.
    func isDue(at now: Int64, isStopping: Bool, _ intervals: AuditRelay.Configuration) -> Bool {
        guard time != nil, now >= notBefore else { return false }
        guard let madeAt else { return hasNews }
        if hasNews {
            // Records that come late, as after a trouble of the journal, are signed as often as they would have been.
            let span = time.flatMap { time in coveredTime.map { time.microseconds - $0.microseconds } } ?? 0
            return isStopping || max(now - madeAt, span) >= intervals.checkpointMicroseconds
        }
        return !isStopping && now - madeAt >= intervals.idleCheckpointMicroseconds
    }

    /// The checkpoint after a state, and the state that it leaves; nil if there is nothing to tell of.
    mutating func checkpoint(
        after state: CheckpointState,
        store: String,
        signer: CheckpointSigner,
        _ digest: TrailDigest
    ) -> (checkpoint: Checkpoint, state: CheckpointState)? {
        guard let time, let root = tree.root() else { return nil }
        let leaf = Checkpoint.leaf(
            time: time,
            streamCount: tree.streamCount,
            recordCount: tree.recordCount,
            root: root,
            digest
        )
        var state = state
        state.frontier.append(leaf, digest)
        guard let all = state.frontier.root(digest) else { return nil }
        let streams = changed.sorted()
        let heads = streams.prefix(AuditRecord.valuesMax).compactMap { stream in
            tree.head(of: stream).map {
                Checkpoint.Head(stream: stream, sequence: $0.sequence, hash: $0.hash)
            }
        }
        let note = Checkpoint.note(store: store, size: state.frontier.size, tree: all, leaf: leaf)
        let checkpoint = Checkpoint(
            store: store,
            time: time,
            streamCount: tree.streamCount,
            recordCount: tree.recordCount,
            root: root,
            heads: heads,
            headsMore: streams.count - heads.count,
            size: state.frontier.size,
            tree: all,
            publicKey: signer.publicKey,
            signature: signer.sign(note)
        )
        return (checkpoint, state)
    }

    /// Notes that a checkpoint is on its way.
    mutating func begin(at now: Int64) {
        madeAt = now
        coveredTime = time
        hasNews = false
        changed = []
    }

    /// Notes that it was not stored, so that another one has to tell what it told, a little later.
    mutating func takeBack(_ streams: [String], until notBefore: Int64) {
        madeAt = nil
        self.notBefore = notBefore
        hasNews = true
        changed.formUnion(streams)
    }

    /// Which streams the next checkpoint names.
    var changedStreams: [String] { Array(changed) }

    /// Where all streams end.
    var heads: [Checkpoint.Head] {
        tree.heads.map { Checkpoint.Head(stream: $0.stream, sequence: $0.sequence, hash: $0.hash) }
    }
}

/// What a store keeps of its checkpoints: the tree over them, as far as it grows.
///
///     value  size ‖ for each full subtree, the largest first: its root, 32 bytes
struct CheckpointState: Sendable, Equatable {
    static let key = Key([AuditOutbox.keySpace, 0x04])

    var frontier = TreeFrontier()

    init() {}

    init?(value: Span<UInt8>) {
        guard value.count >= 8, (value.count - 8) % TrailHash.byteCount == 0 else { return nil }
        var peaks: [TrailHash] = []
        for start in stride(from: 8, to: value.count, by: TrailHash.byteCount) {
            guard let peak = TrailHash(value.extracting(start..<start + TrailHash.byteCount)) else {
                return nil
            }
            peaks.append(peak)
        }
        guard let frontier = TreeFrontier(size: value.bigEndian64(at: 0), peaks: peaks) else { return nil }
        self.frontier = frontier
    }

    var value: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(frontier.size)
        for peak in frontier.peaks { peak.append(to: &bytes) }
        return bytes
    }
}
