internal import JSON
internal import Storage

extension TrailVerifier {
    /// Looks at the checkpoints of a store, in their order, and at what they say of the streams.
    mutating func checkCheckpoints(of store: String, _ starts: [String: StreamCheck.Start]) {
        var seen: Set<UInt64> = []
        let checkpoints = (trails[store]?.checkpoints ?? [])
            .sorted { ($0.sequence, $0.entry) < ($1.sequence, $1.entry) }
            .filter { seen.insert($0.sequence).inserted }
        report.checkpointCount += checkpoints.count
        var sweep = CheckpointSweep(trails[store]?.streams ?? [:], starts, digest)
        // Where the server's own stream begins as it has to, or with a restore, nothing of the store has been deleted yet.
        let isRestored = trails[store]?.oldStore != nil
        let isWhole = !isRestored && starts[AuditRecord.systemStream] == .known
        if expectation.store == store, !expectation.starts.isEmpty {
            sweep.begin(after: expectation.starts)
        } else if !isWhole, !isRestored {
            sweep.begin(with: expectation.store == store ? expectation.heads : [])
        }
        var keys = expectation.publicKeys
        var frontier: TreeFrontier? = TreeFrontier()
        var isVouched = false
        var vouchedTime: Timestamp?
        var isFirst = true
        for signed in checkpoints where !isOfOldStore(signed, keys, store) {
            let checkpoint = signed.checkpoint
            if keys.isEmpty { keys = [checkpoint.publicKey] }
            report.publicKeys[store] = checkpoint.publicKey
            guard checkSignature(signed, keys, store) else { continue }
            checkGrowth(signed, &frontier, store)
            // What the first checkpoint that is there names may have been deleted with what came before it.
            let mayBeBefore = isFirst && checkpoint.size > 1
            isFirst = false
            var isFitting = true
            for head in checkpoint.heads {
                let isThere = checkEnd(
                    head,
                    named: "checkpoint \(signed.sequence)",
                    store: store,
                    mayBeBefore: mayBeBefore
                )
                if !isThere { isFitting = false }
            }
            let isMatching = sweep.advance(to: checkpoint)
            guard isFitting, !isMatching else {
                isVouched = isVouched || isFitting && isMatching
                if isFitting, isMatching { vouchedTime = checkpoint.time }
                continue
            }
            // What is missing has been told already.
            guard !sweep.hasGaps || sweep.streamCount < checkpoint.streamCount else { continue }
            addMismatch(signed, sweep.streamCount, store)
        }
        if let vouchedTime, store == expectation.store {
            report.vouched = TrailReport.Vouched(time: vouchedTime, heads: sweep.vouchedHeads)
        }
        tellOfKeys(checkpoints, store)
        for (stream, start) in starts.sorted(by: { $0.key < $1.key }) where start == .unknown {
            checkStart(stream, store, isVouched: isVouched && !isWhole)
        }
        tellOfRest(checkpoints, store)
    }

    private mutating func add(_ kind: TrailFinding.Kind, _ signed: Signed, _ store: String, _ text: String) {
        report.add(
            TrailFinding(
                kind,
                store: store,
                stream: AuditRecord.systemStream,
                signed.sequence,
                entry: signed.entry,
                text
            )
        )
    }

    private mutating func checkSignature(_ signed: Signed, _ keys: [[UInt8]], _ store: String) -> Bool {
        let checkpoint = signed.checkpoint
        guard keys.contains(checkpoint.publicKey) else {
            let text =
                expectation.publicKeys.isEmpty
                ? "the checkpoint is signed with another key than those before: name both keys if you have changed it"
                : "the checkpoint is signed with a key that is not yours"
            add(.unsigned, signed, store, text)
            return false
        }
        guard checkpoint.store == store,
            verifies(checkpoint.signature, checkpoint.note(digest), checkpoint.publicKey)
        else {
            add(.unsigned, signed, store, "the checkpoint's signature does not fit")
            return false
        }
        return true
    }

    /// Whether a checkpoint was signed for the trail before this one: in a copy that was put back it had not been delivered yet, and vouches
    /// for nothing here.
    private func isOfOldStore(_ signed: Signed, _ keys: [[UInt8]], _ store: String) -> Bool {
        let checkpoint = signed.checkpoint
        guard let old = trails[store]?.oldStore, keys.isEmpty || keys.contains(checkpoint.publicKey) else {
            return false
        }
        let note = Checkpoint.note(
            store: old,
            size: checkpoint.size,
            tree: checkpoint.tree,
            leaf: checkpoint.leaf(digest)
        )
        return verifies(checkpoint.signature, note, checkpoint.publicKey)
    }

    /// Whether the tree over the checkpoints grows by this one; that can be told as long as none of them is missing.
    private mutating func checkGrowth(_ signed: Signed, _ frontier: inout TreeFrontier?, _ store: String) {
        guard var grown = frontier, grown.size + 1 == signed.checkpoint.size else {
            frontier = nil
            return
        }
        grown.append(signed.checkpoint.leaf(digest), digest)
        frontier = grown
        if grown.root(digest) != signed.checkpoint.tree {
            add(.replaced, signed, store, "the tree over the checkpoints is another one than theirs")
            frontier = nil
        }
    }

    private mutating func addMismatch(_ signed: Signed, _ streamCount: Int, _ store: String) {
        let missing = signed.checkpoint.streamCount - streamCount
        if missing > 0 {
            add(
                .cut,
                signed,
                store,
                "the checkpoint covers \(signed.checkpoint.streamCount) streams, of which \(missing) are not there"
            )
        } else {
            add(.replaced, signed, store, "the streams ended otherwise when the checkpoint was signed")
        }
    }

    private mutating func tellOfKeys(_ checkpoints: [Signed], _ store: String) {
        guard checkpoints.isEmpty, expectation.starts.isEmpty,
            trails[store]?.streams.values.contains(where: { !$0.items.isEmpty }) ?? false
        else { return }
        let stream = trails[store]?.streams.filter { !$0.value.items.isEmpty }.keys.min() ?? ""
        let first = trails[store]?.streams[stream]?.items.first
        report.add(
            TrailFinding(
                .unsigned,
                store: store,
                stream: stream,
                first?.sequence,
                entry: first?.entry,
                "there is no checkpoint of the store \(store)"
            )
        )
    }

    /// How many records came after the last checkpoint: nobody has signed them yet.
    private mutating func tellOfRest(_ checkpoints: [Signed], _ store: String) {
        guard let last = checkpoints.last?.checkpoint.time else { return }
        let rest = (trails[store]?.streams.values ?? [:].values)
            .reduce(0) { $0 + $1.items.count { $0.time > last } }
        if rest > 1 { report.notes.append("\(rest) records came after the last checkpoint.") }
    }
}

/// Goes through all streams of a store by time, from one checkpoint to the next.
struct CheckpointSweep {
    private let streams: [(name: String, items: [TrailVerifier.Item])]
    /// All records by their times: the stream's index, and the record's in it.
    private let order: [(stream: Int32, item: Int32)]
    private var position = 0
    private var tree: HeadTree
    /// Where streams ended before what is there.
    private var begun: [String: Checkpoint.Head] = [:]
    /// How far in the order the last checkpoint is that fitted.
    private var fitting = 0
    private let unknownStarts: Set<String>
    /// Whether numbers are missing, so that a tree may not fit for that reason.
    let hasGaps: Bool

    init(
        _ streams: [String: TrailVerifier.Stream],
        _ starts: [String: StreamCheck.Start],
        _ digest: TrailDigest
    ) {
        let named = streams.filter { !$0.value.items.isEmpty }.map { (name: $0.key, items: $0.value.items) }
        var order: [(stream: Int32, item: Int32)] = []
        order.reserveCapacity(named.reduce(0) { $0 + $1.items.count })
        for (stream, entry) in named.enumerated() {
            for item in entry.items.indices { order.append((Int32(stream), Int32(item))) }
        }
        order.sort { left, right in
            let first = named[Int(left.stream)].items[Int(left.item)]
            let second = named[Int(right.stream)].items[Int(right.item)]
            guard first.time == second.time else { return first.time < second.time }
            return (left.stream, left.item) < (right.stream, right.item)
        }
        self.streams = named
        self.order = order
        tree = HeadTree(digest)
        unknownStarts = Set(starts.filter { $0.value == .unknown }.keys)
        hasGaps = named.contains { stream in
            guard let first = stream.items.first, let last = stream.items.last else { return false }
            return last.sequence - first.sequence != UInt64(stream.items.count - 1)
        }
    }

    var streamCount: Int { tree.streamCount }

    /// Where the streams ended at the last checkpoint that fitted, by those who came before it.
    var vouchedHeads: [Checkpoint.Head] {
        var ends = begun
        for (stream, index) in order[..<fitting] {
            let (name, items) = streams[Int(stream)]
            let item = items[Int(index)]
            ends[name] = Checkpoint.Head(stream: name, sequence: item.sequence, hash: item.hash)
        }
        return ends.values.sorted { $0.stream < $1.stream }
    }

    /// Puts in where streams ended before what is there.
    mutating func begin(with heads: [Checkpoint.Head]) {
        for stream in streams where unknownStarts.contains(stream.name) {
            guard let first = stream.items.first, first.sequence > 1 else { continue }
            begin(stream.name, first.sequence - 1, first.previous)
        }
        // Of a stream that has been quiet since, there may be nothing.
        guard !unknownStarts.isEmpty else { return }
        let known = Set(streams.map(\.name))
        for head in heads where !known.contains(head.stream) {
            begin(head.stream, head.sequence, head.hash)
        }
    }

    /// Puts in where streams ended when they were verified last.
    mutating func begin(after heads: [Checkpoint.Head]) {
        for head in heads { begin(head.stream, head.sequence, head.hash) }
    }

    /// Goes on to the time of a checkpoint; whether the streams end there as it says.
    mutating func advance(to checkpoint: Checkpoint) -> Bool {
        while position < order.count {
            let (stream, index) = order[position]
            let item = streams[Int(stream)].items[Int(index)]
            guard item.time <= checkpoint.time else { break }
            tree.set(streams[Int(stream)].name, sequence: item.sequence, hash: item.hash)
            position += 1
        }
        // A record that is missing may have been the end; then the checkpoint's own list tells its hash.
        for head in checkpoint.heads {
            tree.set(head.stream, sequence: head.sequence, hash: head.hash)
        }
        let fits =
            tree.streamCount == checkpoint.streamCount && tree.recordCount == checkpoint.recordCount
            && tree.root() == checkpoint.root
        if fits { fitting = position }
        return fits
    }

    private mutating func begin(_ stream: String, _ sequence: UInt64, _ hash: TrailHash) {
        tree.set(stream, sequence: sequence, hash: hash)
        begun[stream] = Checkpoint.Head(stream: stream, sequence: sequence, hash: hash)
    }
}
