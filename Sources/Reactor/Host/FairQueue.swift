import DequeModule

/// Work that waits, by tenant; the next is that of the tenant for which least time was spent.
struct FairQueue<Work> {
    /// Work of one tenant that may wait.
    let waitingMax: Int

    private struct Tenant {
        var waiting = Deque<Work>()
        var running = 0
        /// Nanoseconds that were spent for it.
        var spent: UInt64 = 0

        mutating func add(_ work: Work, level: UInt64) {
            // Who comes back is owed nothing for the time in which it was away, and owes what it owed.
            if waiting.isEmpty, running == 0 { spent = max(spent, level) }
            waiting.append(work)
        }
    }

    private var tenants: [UInt32: Tenant] = [:]
    /// The most that was spent for a tenant when its work was taken.
    private var level: UInt64 = 0
    /// Work that waits or runs; when there is none, nobody is owed anything, and all is forgotten.
    private var count = 0
    /// Nanoseconds that work takes; an average in which the last counts an eighth.
    private var usual: UInt64 = 0

    init(waitingMax: Int) { self.waitingMax = waitingMax }

    /// Puts work behind what the tenant has waiting; false if that is too much.
    mutating func append(_ work: Work, of tenant: UInt32) -> Bool {
        guard tenants[tenant]?.waiting.count ?? 0 < waitingMax else { return false }
        tenants[tenant, default: Tenant()].add(work, level: level)
        count += 1
        return true
    }

    /// Takes the next work; nil if none waits.
    mutating func popFirst() -> (tenant: UInt32, work: Work)? {
        let next = tenants.lazy.filter { !$0.value.waiting.isEmpty }
            .min { ($0.value.spent, $0.value.running, $0.key) < ($1.value.spent, $1.value.running, $1.key) }
        guard let tenant = next?.key, let work = tenants[tenant]?.waiting.popFirst() else { return nil }
        level = max(level, tenants[tenant]?.spent ?? 0)
        tenants[tenant]?.running += 1
        return (tenant, work)
    }

    /// About how long one thread works on what goes before new work of a tenant.
    func nanoseconds(before tenant: UInt32) -> UInt64 {
        let own = tenants[tenant]?.waiting.count ?? 0
        // Each of its own waits for one of each other tenant, if that has so many.
        let others = tenants.count { $0.key != tenant && !$0.value.waiting.isEmpty }
        return usual &* UInt64(min(count, own + (own + 1) * others))
    }

    /// Notes that work which was taken has ended.
    mutating func finish(of tenant: UInt32, nanoseconds: UInt64) {
        count -= 1
        usual = usual == 0 ? nanoseconds : usual - usual / 8 + nanoseconds / 8
        guard count > 0 else {
            (tenants, level) = ([:], 0)
            return
        }
        tenants[tenant]?.running -= 1
        tenants[tenant]?.spent += nanoseconds
    }
}
