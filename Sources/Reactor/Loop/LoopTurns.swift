import Counting
import Synchronization

/// How long the turns of a loop take, from when it wakes until it waits again: so long may a client wait for its attention.
///
/// The loop writes with the times that it reads anyway; anyone reads, also while the loop hangs.
package final class LoopTurns: Sendable {
    /// Bounds of ``durations``, in nanoseconds: 1 ms to 5 s.
    package static let bounds = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000].map { $0 * 1_000_000 }

    /// Nanoseconds of the turns that have ended.
    package let durations = BucketCounter(bounds: LoopTurns.bounds)
    /// When the turn that goes on began; 0 while the loop waits.
    private let began = Atomic<Int64>(0)

    init() {}

    /// For how long the turn goes on that has not ended; zero while the loop waits.
    package func current(at now: LoopInstant = .now) -> Duration {
        let began = began.load(ordering: .relaxed)
        return began == 0 ? .zero : .nanoseconds(max(0, now.nanoseconds - began))
    }

    /// The loop has looked for what there is to do; a turn that it has not ended ends.
    func begin(at now: LoopInstant) {
        note(now)
        began.store(now.nanoseconds, ordering: .relaxed)
    }

    /// The loop waits from now on.
    func end(at now: LoopInstant) {
        note(now)
        began.store(0, ordering: .relaxed)
    }

    private func note(_ now: LoopInstant) {
        let began = began.load(ordering: .relaxed)
        if began != 0 { durations.record(Int(now.nanoseconds - began)) }
    }
}
