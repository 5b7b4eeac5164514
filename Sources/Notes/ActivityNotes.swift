import JSON
import Locking
import Tenancy

/// What the requests of all tenants told since it was last stored.
///
/// ```
/// answer ─► note ─► here ─► once a minute ─► the tenant's row
///                     ├──── GET …/activity ◄────────┘
///                     └───► whoever waits for the next exchange
/// ```
/// A note takes two locks that are free as a rule: one of the sixteen tables, to find the tenant by its number, and its own.
package final class ActivityNotes: Sendable {
    /// Tenants at a time; of further ones nothing is noted until those that are idle have made room, within a minute or two.
    package static let tenantsMax = 1_024
    /// Requests that wait for the next exchange of some tenant at a time.
    package static let waitersMax = 64

    private static let tableCount = 16

    private final class Table: Sendable {
        let tenants = Locked<[UInt32: TenantNotes]>([:])
        /// The highest number that an exchange had whose tenant has made room.
        let lastSequence = Locked<UInt64>(0)
    }

    private let tables = (0..<tableCount).map { _ in Table() }
    private let waiting = Locked<Waiting>(Waiting())

    private struct Waiting {
        var count = 0
        var hasEnded = false
    }

    /// Notes something about a tenant at a time.
    func note(
        _ number: UInt32,
        _ name: String,
        at time: Timestamp,
        _ note: (inout TenantActivity, inout UInt64) -> Void
    ) {
        // A second time if the tenant makes room meanwhile.
        for _ in 0..<2 {
            guard let notes = notes(number, name, at: time) else { return }
            if notes.note(note) { return }
        }
    }

    /// Nil if there are too many tenants.
    func notes(_ number: UInt32, _ name: String, at time: Timestamp) -> TenantNotes? {
        let table = tables[Int(number) & (Self.tableCount - 1)]
        return table.tenants.withLock { tenants in
            if let notes = tenants[number] { return notes }
            guard tenants.count < Self.tenantsMax / Self.tableCount else { return nil }
            // Behind all that were before, after a restart too, as long as they were fewer than a thousand a second.
            let clock = UInt64(max(0, time.microseconds / 1_000))
            let notes = TenantNotes(name, number, after: max(clock, table.lastSequence.withLock { $0 }))
            tenants[number] = notes
            return notes
        }
    }
}

// MARK: - Storing

extension ActivityNotes {
    /// The notes about a tenant, which stay.
    func activity(of number: UInt32) -> TenantActivity? {
        let table = tables[Int(number) & (Self.tableCount - 1)]
        return table.tenants.withLock { $0[number] }?.activity
    }

    /// Takes all notes away, in the order of the tenants' numbers; tenants without any make room for others.
    func takeAll() -> [OfTenant] {
        var taken: [OfTenant] = []
        for table in tables {
            table.tenants.withLock { tenants in
                for (number, notes) in tenants {
                    switch notes.take() {
                    case .activity(let activity):
                        taken.append(OfTenant(name: notes.name, number: number, activity: activity))
                    case .idle(let sequence):
                        table.lastSequence.withLock { $0 = max($0, sequence) }
                        tenants[number] = nil
                    case .awaited: break
                    }
                }
            }
        }
        return taken.sorted { $0.number < $1.number }
    }

    /// Gives notes back that could not be stored.
    func giveBack(_ notes: OfTenant, at time: Timestamp) {
        note(notes.number, notes.name, at: time) { activity, _ in
            var all = notes.activity
            all.add(activity)
            activity = all
        }
    }

    /// The notes about one tenant.
    struct OfTenant: Sendable {
        let name: String
        let number: UInt32
        let activity: TenantActivity
    }
}

// MARK: - Waiting

extension ActivityNotes {
    /// Waits for an exchange of a tenant with a higher number, or until the time is over or the task is cancelled.
    ///
    /// Holds no thread.
    /// - Returns: false if too many wait already.
    func wait(
        _ number: UInt32,
        _ name: String,
        after sequence: UInt64,
        for limit: Duration,
        at time: Timestamp
    ) async -> Bool {
        let mayWait = waiting.withLock { waiting in
            guard !waiting.hasEnded else { return Bool?.none }
            guard waiting.count < Self.waitersMax else { return false }
            waiting.count += 1
            return true
        }
        guard let mayWait else { return true }
        guard mayWait else { return false }
        defer { waiting.withLock { $0.count -= 1 } }
        guard let notes = notes(number, name, at: time) else { return false }
        let waiter = ActivityWaiter()
        guard notes.add(waiter, after: sequence) else { return true }
        let timer = Task {
            try? await Task.sleep(for: limit)
            waiter.end()
        }
        await withTaskCancellationHandler {
            await waiter.wait()
        } onCancel: {
            waiter.end()
        }
        timer.cancel()
        notes.remove(waiter)
        return true
    }

    /// How many wait.
    var waiterCount: Int { waiting.withLock { $0.count } }

    /// Ends all waits, and lets nobody wait any more: the process is about to stop.
    package func endWaits() {
        waiting.withLock { $0.hasEnded = true }
        for table in tables {
            for notes in table.tenants.withLock({ Array($0.values) }) { notes.endWaits() }
        }
    }
}

/// The notes about one tenant, and who waits for more.
package final class TenantNotes: Sendable {
    private struct State {
        var activity = TenantActivity()
        var lastSequence: UInt64
        /// The number of the last exchange since the tenant has a place here; 0 before it.
        var lastNoted: UInt64 = 0
        var waiters: [ActivityWaiter] = []
        /// Whether it is in the table no longer, so that a note here would be lost.
        var isGone = false
    }

    enum Taken {
        case activity(TenantActivity)
        /// There was nothing, and nobody waits.
        case idle(lastSequence: UInt64)
        case awaited
    }

    let name: String
    let number: UInt32
    private let state: Locked<State>

    fileprivate init(_ name: String, _ number: UInt32, after sequence: UInt64) {
        self.name = name
        self.number = number
        state = Locked(State(lastSequence: sequence))
    }

    var activity: TenantActivity { state.withLock { $0.activity } }

    /// False, and without effect, if it is gone.
    func note(_ note: (inout TenantActivity, inout UInt64) -> Void) -> Bool {
        var isNoted = false
        let waiters = state.withLock { state -> [ActivityWaiter] in
            guard !state.isGone else { return [] }
            isNoted = true
            let before = state.lastSequence
            note(&state.activity, &state.lastSequence)
            guard state.lastSequence > before else { return [] }
            state.lastNoted = state.lastSequence
            guard !state.waiters.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.end() }
        return isNoted
    }

    func take() -> Taken {
        state.withLock { state in
            guard state.activity.isEmpty else {
                defer { state.activity = TenantActivity() }
                return .activity(state.activity)
            }
            guard state.waiters.isEmpty else { return .awaited }
            state.isGone = true
            return .idle(lastSequence: state.lastSequence)
        }
    }

    /// False if there is nothing to wait for.
    fileprivate func add(_ waiter: ActivityWaiter, after sequence: UInt64) -> Bool {
        state.withLock { state in
            guard !state.isGone, state.lastNoted <= sequence else { return false }
            state.waiters.append(waiter)
            return true
        }
    }

    fileprivate func remove(_ waiter: ActivityWaiter) {
        state.withLock { $0.waiters.removeAll { $0 === waiter } }
    }

    func endWaits() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.end() }
    }
}

/// Somebody who waits for the next exchange.
private final class ActivityWaiter: Sendable {
    private struct State {
        var hasEnded = false
        var continuation: CheckedContinuation<Void, Never>?
    }

    private let state = Locked(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.continuation = continuation }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    func end() {
        let continuation = state.withLock { state in
            state.hasEnded = true
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume()
    }
}
