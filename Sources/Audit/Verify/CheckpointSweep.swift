internal import Storage

/// Goes through all streams of a store by time, from one checkpoint to the next.
struct CheckpointSweep {
    private let streams: [(name: String, items: [TrailVerifier.Item])]
    /// All records by their times: the stream's index, and the record's in it.
    private let order: [(stream: Int32, item: Int32)]
    private var position = 0
    /// How many records of each stream have been passed.
    private var passed: [Int]
    private var tree: HeadTree
    /// Where streams ended before what is there.
    private var begun: [String: Checkpoint.Head] = [:]
    /// How far in the order the last checkpoint is that fitted.
    private var fitting = 0
    /// Those that have begun before what is there.
    private let begunStreams: Set<String>
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
        passed = named.map { _ in 0 }
        self.order = order
        tree = HeadTree(digest)
        begunStreams = Set(starts.filter { $0.value != .known }.keys)
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
    mutating func begin() {
        for stream in streams where begunStreams.contains(stream.name) {
            guard let first = stream.items.first, first.sequence > 1 else { continue }
            begin(stream.name, first.sequence - 1, first.previous)
        }
    }

    /// Puts in where streams have ended of which nothing is there: as it is named first.
    mutating func begin(absent heads: some Sequence<Checkpoint.Head>) {
        let known = Set(streams.map(\.name))
        for head in heads where !known.contains(head.stream) && begun[head.stream] == nil {
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
            passed[Int(stream)] = Int(index) + 1
            position += 1
        }
        // A record that is missing may have been the end; then the checkpoint's own list tells its hash.
        for head in checkpoint.heads {
            tree.set(head.stream, sequence: head.sequence, hash: head.hash)
        }
        let fits = isTree(of: checkpoint) || hasGaps && fitsBehindGaps(checkpoint)
        if fits { fitting = position }
        return fits
    }

    private mutating func isTree(of checkpoint: Checkpoint) -> Bool {
        tree.streamCount == checkpoint.streamCount && tree.recordCount == checkpoint.recordCount
            && tree.root() == checkpoint.root
    }

    /// Whether the checkpoint fits if records are missing up to its time, as where a file of a journal is lost.
    ///
    /// A stream that goes on behind it ended then with the record before the next one, which tells its hash.
    private mutating func fitsBehindGaps(_ checkpoint: Checkpoint) -> Bool {
        var before: [(name: String, sequence: UInt64, hash: TrailHash)] = []
        for (index, stream) in streams.enumerated() where passed[index] < stream.items.count {
            let next = stream.items[passed[index]]
            guard let head = tree.head(of: stream.name), head.sequence + 1 < next.sequence else { continue }
            before.append((stream.name, head.sequence, head.hash))
            tree.set(stream.name, sequence: next.sequence - 1, hash: next.previous)
        }
        guard !before.isEmpty, !isTree(of: checkpoint) else { return !before.isEmpty }
        for head in before { tree.set(head.name, sequence: head.sequence, hash: head.hash) }
        return false
    }

    private mutating func begin(_ stream: String, _ sequence: UInt64, _ hash: TrailHash) {
        tree.set(stream, sequence: sequence, hash: hash)
        begun[stream] = Checkpoint.Head(stream: stream, sequence: sequence, hash: hash)
    }
}
