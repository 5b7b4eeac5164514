package import JSON
package import Storage

/// What only some events tell, each with its own closed form.
package enum AuditDetails: Sendable, Hashable {
    case none
    /// token.issue, token.rotate: when the credential ends.
    case expiry(Timestamp)
    /// service.start: the program's version, the configuration's digest, and whether the last stop was a clean one.
    case start(version: AuditSlug, configuration: AuditDigest?, recovered: Bool)
    /// service.stop: why, and how many records are left for the next start.
    case stop(AuditStopCause, undelivered: UInt64)
    /// config.reload: the digests of the two configurations.
    case reload(old: AuditDigest, new: AuditDigest)
    /// store.snapshot: the file's digest, the last commit and the last log row it holds.
    case snapshot(file: AuditDigest, StorePosition)
    /// store.restore: the last commit and log row before and after.
    case restore(old: StorePosition?, new: StorePosition)
    /// audit.degraded, audit.recovered, audit.refusing: undelivered records, and the age of the oldest.
    case outbox(records: UInt64, oldestSeconds: UInt64)
    /// audit.replay: the first and last log row that was sent again, and how many were.
    case replay(first: UInt64, last: UInt64, records: UInt64)
    /// audit.verify: what is missing and what is wrong.
    case verification(missing: UInt64, bad: UInt64)
    /// audit.policy: what was set, from what to what.
    case policy(AuditPolicySetting, old: AuditPolicyValue, new: AuditPolicyValue)
    /// tenant.update: the words of a setting that has few of them, before and after; `SCIM_ATTR` names it.
    case setting(old: AuditSlug, new: AuditSlug)
    /// tenant.update: the client that the tenant's traffic has shown for the first time.
    case client(AuditSlug)

    /// How far a store's history goes.
    package struct StorePosition: Sendable, Hashable {
        package let version: CommitVersion
        package let order: UInt64

        package init(version: CommitVersion, order: UInt64) {
            self.version = version
            self.order = order
        }
    }
}

/// Why the service stops.
package enum AuditStopCause: String, Sendable, Hashable, CaseIterable {
    case request, failure
}

/// A setting of the audit trail itself.
package enum AuditPolicySetting: String, Sendable, Hashable, CaseIterable {
    case reads
    case readSample = "read-sample"
    case addresses
    case onFull = "on-full"
    case outboxRecordsMax = "outbox-records-max"
}

/// A value of a setting of the audit trail.
package enum AuditPolicyValue: Sendable, Hashable {
    case none, sensitive, all, refuse, `continue`, full, network
    case number(UInt64)

    /// The word in the record.
    package var word: String {
        switch self {
        case .none: "none"
        case .sensitive: "sensitive"
        case .all: "all"
        case .refuse: "refuse"
        case .continue: "continue"
        case .full: "full"
        case .network: "network"
        case .number(let number): String(number)
        }
    }
}
