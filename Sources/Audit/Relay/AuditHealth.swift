internal import JSON

/// How well the trail is delivered.
package enum AuditState: String, Sendable, Hashable, Comparable, CaseIterable {
    case ok
    /// The oldest undelivered record is older than 2 s.
    case behind
    /// It is older than 30 s, or a tenth of the outbox is full.
    case degraded
    /// The outbox is full: changes are refused.
    case refusing

    package static func < (left: AuditState, right: AuditState) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .ok: 0
        case .behind: 1
        case .degraded: 2
        case .refusing: 3
        }
    }
}

/// What happens when the outbox is full and the journal confirms nothing.
package enum AuditOnFull: String, Sendable, Hashable, CaseIterable {
    /// Changes are refused until the journal takes records again.
    case refuse
    /// Changes go on, and their records wait in the store as long as the disk has room: none goes unrecorded.
    case `continue`
}

/// When a change is answered.
package enum AuditAcknowledgement: String, Sendable, Hashable, CaseIterable {
    /// Once it is durable, its record with it.
    case store
    /// Once the record has been read back from the journal as well.
    case journal
}

/// Where the lines between the states are.
package struct AuditHealthLimits: Sendable {
    /// Undelivered records that the outbox holds.
    package var outboxRecordsMax: UInt64 = 1_000_000
    package var behindAfter = Duration.seconds(2)
    package var degradedAfter = Duration.seconds(30)
    /// A full outbox is borne this long without a confirmation before changes are refused.
    package var refusingAfter = Duration.seconds(10)
    /// Whether changes are refused then (``AuditOnFull``).
    package var refusesWhenFull = true

    package init() {}

    /// Beyond this even a journal that still confirms is too slow: changes are refused at once.
    var outboxRecordsHardMax: UInt64 { outboxRecordsMax + max(1, outboxRecordsMax / 8) }
}

/// Decides the state from what is seen; knows no clock and no store.
struct AuditHealth: Sendable {
    let limits: AuditHealthLimits
    private(set) var state = AuditState.ok
    /// Whether `audit.degraded` or `audit.refusing` was told of and `audit.recovered` not yet.
    private var isTroubleKnown = false

    init(limits: AuditHealthLimits) { self.limits = limits }

    struct Observation {
        var undelivered: UInt64
        /// How long the oldest undelivered record waits; zero if none does.
        var oldestAge: Duration
        var sinceConfirmation: Duration
    }

    /// Takes an observation; gives the record that tells of the new state, if it is one to tell of.
    mutating func observe(_ seen: Observation) -> AuditRecord? {
        let old = state
        state = next(seen)
        switch state {
        case .refusing where old != .refusing:
            isTroubleKnown = true
            return record(.auditRefusing, .failure(.full), seen)
        case .degraded where !isTroubleKnown:
            isTroubleKnown = true
            return record(.auditDegraded, .failure(.behind), seen)
        case .ok where isTroubleKnown:
            isTroubleKnown = false
            return record(.auditRecovered, .success, seen)
        default: return nil
        }
    }

    private func next(_ seen: Observation) -> AuditState {
        let isFull = limits.refusesWhenFull && seen.undelivered >= limits.outboxRecordsMax
        if isFull, seen.undelivered >= limits.outboxRecordsHardMax { return .refusing }
        if isFull, state == .refusing || seen.sinceConfirmation >= limits.refusingAfter { return .refusing }
        if seen.oldestAge > limits.degradedAfter || seen.undelivered > limits.outboxRecordsMax / 10 {
            return .degraded
        }
        return seen.oldestAge > limits.behindAfter ? .behind : .ok
    }

    private func record(_ event: AuditEvent, _ outcome: AuditOutcome, _ seen: Observation) -> AuditRecord {
        var record = AuditRecord(event, outcome, actor: .system)
        record.details = .outbox(
            records: seen.undelivered,
            oldestSeconds: UInt64(clamping: seen.oldestAge.components.seconds)
        )
        return record
    }
}

/// What the relay tells of itself.
package struct AuditStatus: Sendable, Equatable {
    package var state = AuditState.ok
    package var undelivered: UInt64 = 0
    package var oldestAge = Duration.zero
    /// Since the relay was made.
    package var confirmedCount: UInt64 = 0
    package var resentCount: UInt64 = 0
    /// Batches that the sink refused.
    package var refusedCount: UInt64 = 0
    package var prunedThrough: UInt64 = 0
    /// Whether the journal has records that the store does not know, so that nothing is delivered.
    package var isRolledBack = false

    package init() {}
}
