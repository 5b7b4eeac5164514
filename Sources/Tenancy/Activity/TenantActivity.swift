import JSON
import SCIM

/// What the server knows of a tenant's contact with its identity provider: the last exchanges and failures, counts by the
/// hour, and when each token was used last.
///
/// Whoever shows no token that this server has made could fill the lists with guesses; so these have places of their own.
package struct TenantActivity: Sendable, Equatable {
    package static let exchangesMax = 64
    /// Exchanges of those who showed no token of this server.
    package static let strangersMax = 16
    package static let failuresMax = 50
    package static let strangersFailuresMax = 16
    /// Hours with something to count: 31 days.
    package static let hoursMax = 31 * 24
    package static let tokensMax = 16

    private var known = ActivityRing<ActivityExchange>(max: exchangesMax)
    private var strange = ActivityRing<ActivityExchange>(max: strangersMax)
    private var knownFailures = ActivityRing<ActivityFailure>(max: failuresMax)
    private var strangeFailures = ActivityRing<ActivityFailure>(max: strangersFailuresMax)
    /// In the order of time.
    package private(set) var hours: [ActivityHour] = []
    package private(set) var tokens: [TokenUse] = []

    package init() {}

    package var isEmpty: Bool { hours.isEmpty && known.isEmpty && strange.isEmpty && tokens.isEmpty }

    /// The last exchanges in their order.
    package var exchanges: [ActivityExchange] {
        (known.all + strange.all).sorted { $0.sequence < $1.sequence }
    }

    /// The last failures in their order.
    package var failures: [ActivityFailure] {
        (knownFailures.all + strangeFailures.all).sorted { $0.exchange.sequence < $1.exchange.sequence }
    }

    /// The number of the last exchange; 0 before the first.
    package var lastSequence: UInt64 {
        max(exchanges.last?.sequence ?? 0, failures.last?.exchange.sequence ?? 0)
    }
}

// MARK: - Noting

extension TenantActivity {
    /// Notes an exchange that was answered.
    package mutating func note(_ exchange: ActivityExchange) {
        append(exchange)
        var counts = ActivityCounts()
        counts[.requests] = 1
        if let failure = ActivityCounts.failure(of: exchange) { counts[failure] = 1 }
        count(counts, at: exchange.time)
        // A token that is good no more is told by the exchange; it was not used.
        if let tokenID = exchange.tokenID, exchange.status != 401 {
            use(
                TokenUse(
                    tokenID: tokenID,
                    first: exchange.time,
                    time: exchange.time,
                    client: exchange.client
                )
            )
        }
    }

    /// Notes an exchange that was answered as another one like it: the same as ``note(_:)-(ActivityExchange)``, and made for what follows
    /// each other on a connection.
    package mutating func note(_ exchange: ActivityExchange, _ again: ActivityExchange.Again) {
        guard let tokenID = exchange.tokenID, !exchange.isFailure,
            known.takeIn({ $0.absorb(like: exchange, again) })
        else { return note(exchange.repeated(again)) }
        var counts = ActivityCounts()
        counts[.requests] = 1
        count(counts, at: again.time)
        use(TokenUse(tokenID: tokenID, first: again.time, time: again.time, client: exchange.client))
    }

    /// Notes a failure; that of an operation of a bulk request is no exchange, and is counted here.
    package mutating func note(_ failure: ActivityFailure, isOperation: Bool) {
        append(failure)
        guard isOperation, let counter = ActivityCounts.failure(of: failure.exchange) else { return }
        var counts = ActivityCounts()
        counts[counter] = 1
        count(counts, at: failure.exchange.time)
    }

    /// Adds to the counts of the hour in which `time` is.
    package mutating func count(_ counts: ActivityCounts, at time: Timestamp) {
        add(counts, to: ActivityHour.number(at: time))
    }

    mutating func append(_ exchange: ActivityExchange) {
        if exchange.tokenID == nil { strange.append(exchange) } else { known.append(exchange) }
    }

    mutating func append(_ failure: ActivityFailure) {
        if failure.exchange.tokenID == nil {
            strangeFailures.append(failure)
        } else {
            knownFailures.append(failure)
        }
    }

    mutating func add(_ counts: ActivityCounts, to number: UInt32) {
        // Nearly always the last one; a clock that goes back leads to an earlier one.
        var place = hours.count
        while place > 0, hours[place - 1].number > number { place -= 1 }
        if place > 0, hours[place - 1].number == number {
            hours[place - 1].counts.add(counts)
        } else {
            hours.insert(ActivityHour(number: number, counts: counts), at: place)
            if hours.count > Self.hoursMax { hours.removeFirst() }
        }
    }

    mutating func use(_ use: TokenUse) {
        if let place = tokens.firstIndex(where: { $0.tokenID == use.tokenID }) {
            tokens[place].first = min(tokens[place].first, use.first)
            tokens[place].time = max(tokens[place].time, use.time)
            tokens[place].client = use.client ?? tokens[place].client
        } else {
            if tokens.count == Self.tokensMax,
                let oldest = tokens.indices.min(by: { tokens[$0].time < tokens[$1].time })
            {
                tokens.remove(at: oldest)
            }
            tokens.append(use)
        }
    }

    /// Takes in what came later.
    package mutating func add(_ later: TenantActivity) {
        for exchange in later.exchanges { append(exchange) }
        for failure in later.failures { append(failure) }
        for hour in later.hours { add(hour.counts, to: hour.number) }
        for use in later.tokens { self.use(use) }
    }

    /// Drops the hours that are more than ``hoursMax`` before a time.
    package mutating func forgetHours(before time: Timestamp) {
        let now = ActivityHour.number(at: time)
        hours.removeAll { UInt64($0.number) + UInt64(Self.hoursMax) <= UInt64(now) }
    }
}
