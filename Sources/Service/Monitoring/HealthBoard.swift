import Audit
import Synchronization

/// Where the parts of the server write how they fare, and anyone reads it without waiting: no lock, no store, no journal.
package final class HealthBoard: Sendable {
    private let phase = Atomic<UInt8>(0)
    private let audit = Atomic<UInt8>(0)
    private let waitsForRoom = Atomic(false)
    /// When the watch has looked last, in nanoseconds; 0 before it begins.
    private let watched = Atomic<Int64>(0)
    private let now: @Sendable () -> Int64
    private let heldFor: @Sendable () -> Duration
    private let commitHeldFor: @Sendable () -> Duration

    /// A board of a server that starts.
    ///
    /// `now`: a clock that nobody sets, in nanoseconds; `heldFor`: for how long the longest turn of a loop goes on; `commitHeldFor`: for
    /// how long the commit thread has been in one step. None of them may wait.
    package init(
        now: @escaping @Sendable () -> Int64,
        heldFor: @escaping @Sendable () -> Duration,
        commitHeldFor: @escaping @Sendable () -> Duration
    ) {
        self.now = now
        self.heldFor = heldFor
        self.commitHeldFor = commitHeldFor
    }

    /// How the server fares now.
    package var health: Health {
        let watched = watched.load(ordering: .relaxed)
        return Health(
            phase: Health.Phase.allCases[Int(phase.load(ordering: .relaxed))],
            audit: AuditState.allCases[Int(audit.load(ordering: .relaxed))],
            waitsForRoom: waitsForRoom.load(ordering: .relaxed),
            heldFor: heldFor(),
            commitHeldFor: commitHeldFor(),
            sinceWatch: watched == 0 ? .zero : .nanoseconds(max(0, now() - watched))
        )
    }

    /// The process does something else from now on.
    package func enter(_ phase: Health.Phase) {
        let place = Health.Phase.allCases.firstIndex(of: phase) ?? 0
        self.phase.store(UInt8(place), ordering: .relaxed)
        // A watch that has ended on purpose does not hang.
        if phase == .stopping { watched.store(0, ordering: .relaxed) }
    }

    /// What the watch has seen, which looks about once a second.
    package func note(_ audit: AuditState, waitsForRoom: Bool) {
        let place = AuditState.allCases.firstIndex(of: audit) ?? 0
        self.audit.store(UInt8(place), ordering: .relaxed)
        self.waitsForRoom.store(waitsForRoom, ordering: .relaxed)
        guard phase.load(ordering: .relaxed) == 1 else { return }
        watched.store(now(), ordering: .relaxed)
    }
}
