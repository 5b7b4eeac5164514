import Counting
import HTTP
import Locking

/// What one loop has answered: it alone adds, anyone reads.
///
/// The parts come as they are needed; a lock guards the lists of them, which the loop takes for a new part only.
final class AnswerCounters: Sendable {
    /// Answers to one tenant on one route, by method and status.
    final class Part: Sendable {
        let tenant: Int
        let route: Int
        /// Of all tenants.
        let durations: Durations
        private let counts: InlineArray<264, Counter> = InlineArray { _ in Counter() }

        init(tenant: Int, route: Int, durations: Durations) {
            self.tenant = tenant
            self.route = route
            self.durations = durations
            precondition(counts.count == Method.placesMax * Status.placesMax, "a place for each pair")
        }

        func add(_ method: Int, _ status: Int) { counts[method * Status.placesMax + status].add() }

        func count(_ method: Int, _ status: Int) -> Int { counts[method * Status.placesMax + status].count }
    }

    /// How long answers on one route took, by method, in nanoseconds.
    final class Durations: Sendable {
        let route: Int
        let byMethod: [BucketCounter]

        init(route: Int) {
            self.route = route
            byMethod = (0..<Method.placesMax).map { _ in BucketCounter(bounds: AnswerFigures.bounds) }
        }
    }

    private struct Parts {
        var parts: [Part] = []
        var durations: [Durations] = []
    }

    private let lists = Locked(Parts())
    private let reasons: InlineArray<64, Counter> = InlineArray { _ in Counter() }

    func refuse(_ reason: Int) { reasons[reason].add() }

    /// Makes a part that is not there yet; only the loop calls it, once for each tenant and route.
    func makePart(tenant: Int, route: Int) -> Part {
        lists.withLock { lists in
            var durations = lists.durations.first { $0.route == route }
            if durations == nil {
                let made = Durations(route: route)
                lists.durations.append(made)
                durations = made
            }
            let part = Part(tenant: tenant, route: route, durations: durations ?? Durations(route: route))
            lists.parts.append(part)
            return part
        }
    }

    var all: (parts: [Part], durations: [Durations]) { lists.withLock { ($0.parts, $0.durations) } }

    func refusals(_ reason: Int) -> Int { reasons[reason].count }
}

/// Finds the counters of an answer; belongs to the loop.
final class AnswerTally {
    private final class Tenant {
        let place: Int
        var parts = [AnswerCounters.Part?](repeating: nil, count: AnswerMark.routesMax)

        init(place: Int) { self.place = place }
    }

    private let counters: AnswerCounters
    private let places: TenantPlaces
    private var byNumber: [UInt32: Tenant] = [:]
    /// Whether ``byNumber`` has every tenant that will ever have a place of its own.
    private var isComplete = false
    /// All tenants without one.
    private let others = Tenant(place: TenantPlaces.others)
    /// Of the answer before, whose tenant is mostly the same.
    private var last: (number: UInt32, tenant: Tenant)

    init(_ counters: AnswerCounters, _ places: TenantPlaces) {
        self.counters = counters
        self.places = places
        let nobody = Tenant(place: TenantPlaces.nobody)
        byNumber[0] = nobody
        last = (0, nobody)
    }

    /// Counts an answer.
    func note(_ mark: AnswerMark, _ method: Int, _ status: Int, nanoseconds: Int) {
        if mark.tenant != last.number { last = (mark.tenant, tenant(mark.tenant)) }
        let route = Int(mark.route)
        let part: AnswerCounters.Part
        if let known = last.tenant.parts[route] {
            part = known
        } else {
            part = counters.makePart(tenant: last.tenant.place, route: route)
            last.tenant.parts[route] = part
        }
        part.add(method, status)
        part.durations.byMethod[method].record(nanoseconds)
        if mark.reason != 0 { counters.refuse(Int(mark.reason)) }
    }

    /// Takes the lock that all loops share once for each tenant with a place, and never again when all places are given.
    private func tenant(_ number: UInt32) -> Tenant {
        if let known = byNumber[number] { return known }
        guard !isComplete else { return others }
        let place = places.place(of: number)
        guard place != TenantPlaces.others else {
            for (index, listed) in places.listed.enumerated() where byNumber[listed] == nil {
                byNumber[listed] = Tenant(place: TenantPlaces.firstListed + index)
            }
            isComplete = true
            return others
        }
        let tenant = Tenant(place: place)
        byNumber[number] = tenant
        return tenant
    }
}
