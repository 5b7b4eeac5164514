import Locking

/// How much memory bodies take that have not arrived whole, or whose requests are being carried out, over all loops.
///
/// One that comes whole with its head is not counted.
///
/// What is counted are the bytes that have come, not those that were announced: a client's word keeps no room from
/// others. The memory is at most twice as much.
package final class BodyBudget: Sendable {
    /// On whose account a body is received.
    package struct Owner: Sendable {
        let tenant: UInt32
        /// Nil for who is exempt.
        let origin: UInt64?

        package init(tenant: UInt32, origin: UInt64?) {
            self.tenant = tenant
            self.origin = origin
        }
    }

    private struct State {
        var all = 0
        var byTenant: [UInt32: Int] = [:]
        var byOrigin: [UInt64: Int] = [:]
    }

    private let max: Int
    private let perTenantMax: Int
    private let perOriginMax: Int
    private let state = Locked(State())

    /// The bounds of `capacity`, of which none refuses a body that is alone.
    package init(_ capacity: ServerConfiguration.Capacity, largestBody: Int) {
        max = Swift.max(capacity.bodyBytesMax, largestBody)
        perTenantMax = Swift.max(capacity.bodyBytesPerTenantMax, largestBody)
        perOriginMax = Swift.max(capacity.bodyBytesPerOriginMax, largestBody)
    }

    /// Counts bytes that have come; false, and nothing is counted, if they are too many.
    package func take(_ bytes: Int, for owner: Owner) -> Bool {
        state.withLock { state in
            let ofTenant = state.byTenant[owner.tenant, default: 0] + bytes
            let ofOrigin = owner.origin.map { state.byOrigin[$0, default: 0] + bytes }
            guard state.all + bytes <= max, ofTenant <= perTenantMax, ofOrigin ?? 0 <= perOriginMax else {
                return false
            }
            state.all += bytes
            state.byTenant[owner.tenant] = ofTenant
            if let origin = owner.origin { state.byOrigin[origin] = ofOrigin }
            return true
        }
    }

    /// Counts bytes out that were counted in.
    package func giveBack(_ bytes: Int, of owner: Owner) {
        guard bytes > 0 else { return }
        state.withLock { state in
            state.all -= bytes
            Self.subtract(bytes, from: &state.byTenant, owner.tenant)
            if let origin = owner.origin { Self.subtract(bytes, from: &state.byOrigin, origin) }
        }
    }

    /// Bytes of all owners.
    package var bytes: Int { state.withLock { $0.all } }

    private static func subtract<Key>(_ bytes: Int, from counts: inout [Key: Int], _ key: Key) {
        let left = (counts[key] ?? 0) - bytes
        counts[key] = left > 0 ? left : nil
    }
}
