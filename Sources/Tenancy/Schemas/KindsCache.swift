internal import Locking
import Storage

/// The resource types of the tenants that have some of their own, put together once for each version of them.
///
/// A tenant's row tells the version, so that a cached value is never older than the row that a request has read.
final class KindsCache: Sendable {
    /// Beyond this number of tenants some are forgotten, and read again when they are needed.
    static let tenantsMax = 1_024

    private let entries = Locked<[UInt32: ResourceKinds]>([:])

    /// The tenant's types; `snapshot` is the one that showed the tenant's row.
    ///
    /// - Returns: nil if they are yet to be put together, which is not done on a loop: at the limits of schemas it takes
    ///   many milliseconds.
    func kinds(
        of tenant: Tenant,
        _ snapshot: borrowing Snapshot,
        _ pace: WorkPace
    ) throws(StoreError) -> ResourceKinds? {
        guard tenant.schemasVersion > 0 else { return .core }
        let cached = entries.withLock { $0[tenant.number] }
        if let cached, cached.version == tenant.schemasVersion { return cached }
        guard pace == .background else { return nil }
        let kinds = try ResourceKinds.read(ofTenant: tenant.number, snapshot)
        guard kinds.version == tenant.schemasVersion else {
            throw .corrupt("schemas of tenant \(tenant.number)")
        }
        entries.withLock { entries in
            if let other = entries[tenant.number] {
                // Another thread may have seen a later snapshot.
                if other.version < kinds.version { entries[tenant.number] = kinds }
                return
            }
            if entries.count >= Self.tenantsMax, let some = entries.keys.first { entries[some] = nil }
            entries[tenant.number] = kinds
        }
        return kinds
    }
}
