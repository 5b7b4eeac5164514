import Directory
import Locking
import Tenancy

/// How many bulk requests are carried out at a time, so that their memory has a bound.
final class BulkTurns: Sendable {
    /// Of all tenants together.
    static let turnsMax = 16
    /// Of one tenant: others have their turn too.
    static let turnsOfTenantMax = 4

    private let running = Locked<[UInt32: Int]>([:])

    /// Begins a request; false if too many are carried out already.
    func begin(_ access: TenantAccess) -> Bool {
        running.withLock { running in
            let own = running[access.tenant.number] ?? 0
            guard own < Self.turnsOfTenantMax, running.values.reduce(0, +) < Self.turnsMax else {
                return false
            }
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
