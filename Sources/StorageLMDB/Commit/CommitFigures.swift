import Counting

/// What the commit thread has made durable: it adds, anyone reads.
package final class CommitFigures: Sendable {
    /// Bounds of ``batches``, in changesets.
    package static let batchBounds = [1, 2, 4, 8, 16, 32, 64, 128]
    /// Bounds of ``durations``, in nanoseconds: 100 µs to 5 s.
    package static let durationBounds = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 5_000_000_000,
    ]

    /// Changesets of each batch.
    package let batches = BucketCounter(bounds: CommitFigures.batchBounds)
    /// From deciding a batch until its record is on the disk.
    package let durations = BucketCounter(bounds: CommitFigures.durationBounds)

    func note(changes: Int, duration: Duration) {
        let (seconds, attoseconds) = duration.components
        batches.record(changes)
        durations.record(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
