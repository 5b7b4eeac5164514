import Locking
import Tenancy

/// Queries that look at every resource, few at a time; others wait until it is their turn.
///
/// ```
/// tenant a ─► ▢▢▢ ─┐
/// tenant b ─► ▢ ───┴─► the tenant that has fewest under way ─► steps of a millisecond beside the loops
/// ```
///
/// They have a queue of their own so that they neither keep a tenant's other long queries from being answered, nor fill the memory
/// and the threads that all tenants share.
final class ScanQueue: Sendable {
    /// Carried out at a time, of all tenants together and of one.
    static let turnsMax = 16
    static let turnsOfTenantMax = 2
    /// Waiting for that.
    static let waitingMax = 256
    static let waitingOfTenantMax = 16

    fileprivate struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    fileprivate struct State {
        var running: [UInt32: Int] = [:]
        var runningCount = 0
        /// Of each tenant, the one that came first at the beginning.
        var waiting: [UInt32: [Waiter]] = [:]
        var waitingCount = 0
        var lastNumber: UInt64 = 0
    }

    private let state = Locked(State())

    /// How many of a tenant are carried out or wait.
    func count(of access: TenantAccess) -> Int {
        let tenant = access.tenant.number
        return state.withLock { ($0.running[tenant] ?? 0) + ($0.waiting[tenant]?.count ?? 0) }
    }

    /// Waits until a query may be carried out, which ends with what is returned; nil if too many wait already, or if the task is cancelled.
    func hold(_ access: TenantAccess) async -> HeldTurn? {
        let tenant = access.tenant.number
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let isHeld = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(number: number, continuation: continuation)
                let outcome = state.withLock { $0.enter(waiter, of: tenant, isCancelled: Task.isCancelled) }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            state.withLock { $0.leave(number, of: tenant) }?.resume(returning: false)
        }
        return isHeld ? HeldTurn { self.end(tenant) } : nil
    }

    private func end(_ tenant: UInt32) {
        state.withLock { $0.end(tenant) }?.resume(returning: true)
    }
}

extension ScanQueue.State {
    /// Begins a query, true, or refuses it, false; nil if it waits.
    fileprivate mutating func enter(
        _ waiter: ScanQueue.Waiter,
        of tenant: UInt32,
        isCancelled: Bool
    ) -> Bool? {
        guard !isCancelled else { return false }
        let (own, line) = (running[tenant] ?? 0, waiting[tenant]?.count ?? 0)
        if own < ScanQueue.turnsOfTenantMax, runningCount < ScanQueue.turnsMax, line == 0 {
            begin(tenant)
            return true
        }
        guard line < ScanQueue.waitingOfTenantMax, waitingCount < ScanQueue.waitingMax else { return false }
        waiting[tenant, default: []].append(waiter)
        waitingCount += 1
        return nil
    }

    private mutating func begin(_ tenant: UInt32) {
        running[tenant, default: 0] += 1
        runningCount += 1
    }

    /// Ends a query; what is returned has the turn now.
    fileprivate mutating func end(_ tenant: UInt32) -> CheckedContinuation<Bool, Never>? {
        let left = (running[tenant] ?? 1) - 1
        running[tenant] = left == 0 ? nil : left
        runningCount -= 1
        guard runningCount < ScanQueue.turnsMax, let next = nextTenant, let waiter = waiting[next]?.first
        else {
            return nil
        }
        remove(waiter.number, of: next)
        begin(next)
        return waiter.continuation
    }

    /// Of the tenants that may begin a query the one that has fewest under way, or waits longest.
    private var nextTenant: UInt32? {
        waiting.filter { running[$0.key] ?? 0 < ScanQueue.turnsOfTenantMax }
            .min { (running[$0.key] ?? 0, $0.value[0].number) < (running[$1.key] ?? 0, $1.value[0].number) }?
            .key
    }

    /// Lets a query that waits go away.
    fileprivate mutating func leave(_ number: UInt64, of tenant: UInt32) -> CheckedContinuation<Bool, Never>?
    {
        let waiter = waiting[tenant]?.first { $0.number == number }
        if waiter != nil { remove(number, of: tenant) }
        return waiter?.continuation
    }

    private mutating func remove(_ number: UInt64, of tenant: UInt32) {
        waiting[tenant]?.removeAll { $0.number == number }
        if waiting[tenant]?.isEmpty == true { waiting[tenant] = nil }
        waitingCount -= 1
    }
}
