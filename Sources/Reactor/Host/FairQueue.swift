import DequeModule

/// Work that waits, by tenant; the next is that of the tenant for which least time was spent.
struct FairQueue<Work> {
    /// Work of one tenant that may wait.
    let waitingMax: Int

    private struct Tenant {
        var waiting = Deque<Work>()
        var running = 0
        /// Nanoseconds that were spent for it; one that has been away begins where those who stayed are.
        var spent: UInt64
    }

    private var tenants: [UInt32: Tenant] = [:]
    /// The most that was spent for a tenant when its work was taken; forgotten with the tenants when nothing is left to do.
    private var level: UInt64 = 0

    init(waitingMax: Int) { self.waitingMax = waitingMax }

    /// Puts work behind what the tenant has waiting; false if that is too much.
    mutating func append(_ work: Work, of tenant: UInt32) -> Bool {
        guard tenants[tenant, default: Tenant(spent: level)].waiting.count < waitingMax else { return false }
        tenants[tenant, default: Tenant(spent: level)].waiting.append(work)
        return true
    }

    /// Takes the next work; nil if none waits.
    mutating func popFirst() -> (tenant: UInt32, work: Work)? {
        let next = tenants.filter { !$0.value.waiting.isEmpty }
            .min { ($0.value.spent, $0.value.running, $0.key) < ($1.value.spent, $1.value.running, $1.key) }
        guard let tenant = next?.key, let work = tenants[tenant]?.waiting.popFirst() else { return nil }
        level = max(level, tenants[tenant]?.spent ?? 0)
        tenants[tenant]?.running += 1
        return (tenant, work)
    }

    /// Notes that work which was taken has ended.
    mutating func finish(of tenant: UInt32, nanoseconds: UInt64) {
        tenants[tenant]?.running -= 1
        tenants[tenant]?.spent += nanoseconds
        let busy = tenants.filter { !$0.value.waiting.isEmpty || $0.value.running > 0 }
        // Who comes back while others are busy must not be taken for one for whom nothing was spent.
        tenants = busy.isEmpty ? [:] : tenants.filter { busy[$0.key] != nil || $0.value.spent > level }
        if busy.isEmpty { level = 0 }
    }
}
