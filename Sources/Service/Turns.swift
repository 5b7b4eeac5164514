import Locking
import Tenancy

/// How many long requests of a kind are carried out at a time, so that their memory has a bound.
final class Turns: Sendable {
    /// Of all tenants together.
    let turnsMax: Int
    /// Of one tenant: others have their turn too.
    let turnsOfTenantMax: Int

    private let running = Locked<[UInt32: Int]>([:])

    init(turnsMax: Int, turnsOfTenantMax: Int) {
        self.turnsMax = turnsMax
        self.turnsOfTenantMax = turnsOfTenantMax
    }

    /// Bulk requests.
    static func ofBulk() -> Turns { Turns(turnsMax: 16, turnsOfTenantMax: 4) }

    /// Queries that take more than one step.
    static func ofLongQueries() -> Turns { Turns(turnsMax: 64, turnsOfTenantMax: 8) }

    /// Reading a resource's story in the audit trail.
    static func ofStories() -> Turns { Turns(turnsMax: 4, turnsOfTenantMax: 2) }

    /// Rehearsals, each of which has a store of its own.
    static func ofRehearsals() -> Turns { Turns(turnsMax: 2, turnsOfTenantMax: 1) }

    /// How many requests of a tenant are carried out.
    func count(of access: TenantAccess) -> Int { running.withLock { $0[access.tenant.number] ?? 0 } }

    /// Begins a request, which ends with what is returned; nil if too many are carried out already.
    func hold(_ access: TenantAccess) -> HeldTurn? {
        begin(access) ? HeldTurn { self.end(access) } : nil
    }

    /// Begins a request; false if too many are carried out already.
    func begin(_ access: TenantAccess) -> Bool {
        running.withLock { running in
            let own = running[access.tenant.number] ?? 0
            guard own < turnsOfTenantMax, running.values.reduce(0, +) < turnsMax else { return false }
            running[access.tenant.number] = own + 1
            return true
        }
    }

    /// Ends a request that was begun.
    func end(_ access: TenantAccess) {
        running.withLock { running in
            let left = (running[access.tenant.number] ?? 1) - 1
            running[access.tenant.number] = left == 0 ? nil : left
        }
    }
}

/// A request that has its turn, for as long as somebody holds this.
final class HeldTurn: Sendable {
    private let end: @Sendable () -> Void

    init(end: @escaping @Sendable () -> Void) { self.end = end }

    deinit { end() }
}
