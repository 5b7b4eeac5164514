package import JSON
package import Storage
import Synchronization

/// Takes records of events that change nothing, and commits them in groups.
package final class AuditQueue: Sendable {
    private let store: any Store

    package init(
        store: any Store,
        gate: AuditGate,
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async -> Void,
        committed: @escaping @Sendable () -> Void
    ) {
        self.store = store
    }

    /// Takes a record; never blocks, never fails.
    package func record(_ record: AuditRecord) {
    }

    /// Commits what is taken until ``finish()`` was called and all of it is stored.
    package func run() async {
    }

    /// Lets ``run()`` store what is left and return.
    package func finish() {
    }
}
