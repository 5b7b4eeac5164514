/// How long a batch took until it was decided, and from then on until its record was durable.
struct BatchTimes: Sendable {
    let deciding: Duration
    let appending: Duration
}

/// How long commits take, from the batches of late.
struct CommitPace {
    /// Seconds for each changeset; an average in which the last batch counts an eighth.
    private var seconds = 0.0
    private var current: (since: MonotonicTime, count: Int)?
    /// The same for deciding each changeset, and for making a batch durable.
    private var deciding = 0.0
    private var appending = 0.0

    /// The part of the time in which a batch is made durable that deciding it may take, and the least that it may take.
    private static let (decidingShare, decidingMin) = (0.25, 0.00025)
    /// A batch may have so many changesets, however long they take.
    private static let sharedMin = 4

    /// How many changesets a batch may have that several tenants wait for.
    var sharedMax: Int {
        guard deciding > 0 else { return .max }
        let seconds = max(Self.decidingMin, Self.decidingShare * appending)
        return max(Self.sharedMin, Int(min(seconds / deciding, 1_000)))
    }

    /// Notes how long a batch of so many changesets took.
    mutating func note(_ times: BatchTimes, changes: Int) {
        Self.add(times.deciding / .seconds(1) / Double(max(changes, 1)), to: &deciding)
        Self.add(times.appending / .seconds(1), to: &appending)
    }

    private static func add(_ value: Double, to average: inout Double) {
        average = average == 0 ? value : average + (value - average) / 8
    }

    /// A batch has been taken; the one before it, if there was one, is done.
    mutating func begin(_ count: Int) {
        let now = MonotonicTime.now
        if let current {
            Self.add((now - current.since) / .seconds(1) / Double(max(current.count, 1)), to: &seconds)
        }
        current = (now, count)
    }

    /// Nothing waits: the time until the next batch is nobody's.
    mutating func rest() {
        begin(0)
        current = nil
    }

    func time(for count: Int) -> Duration { .seconds(seconds * Double(count)) }
}
