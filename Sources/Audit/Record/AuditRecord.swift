package import JSON
package import Storage

/// What the trail tells of one event, before the commit has numbered it.
///
/// It takes closed enumerations, ids made by this server, numbers, times and validated names. There is no way to pass a
/// text of a resource, a filter's literal or a secret into it; the one text of a client is ``AuditUserAgent``.
package struct AuditRecord: Sendable, Equatable {
    package let event: AuditEvent
    package let outcome: AuditOutcome
    package var actor: AuditActor
    /// The tenant concerned; nil for an event of the whole server.
    package var tenant: AuditSlug?
    /// The id of the token, never the token.
    package var credentialID: AuditSlug?
    package var origin: AuditOrigin?
    package var target: AuditTarget?
    /// What stands for the target's names, where a tenant asks for that.
    package var marks = AuditMarks()
    /// The changed attributes; the first 64 different ones are recorded.
    package var attributes: [AuditAttributePath] = []
    /// How many attributes of the request no schema defines, so that they had no effect; never their names, which a client made.
    package var ignoredAttributes = 0
    package var members: AuditMembership?
    /// How many values of the request were left out of a group's members, because they are not ids of anybody; never the values.
    package var unknownMembers = 0
    package var versions = AuditVersions.none
    /// How many operations a bulk request held.
    package var results: UInt64?
    /// How many equal events the record stands for, and when the first of them was.
    package var coalesced: AuditCoalescing?
    package var details = AuditDetails.none

    /// Begins a record.
    ///
    /// - Parameters:
    ///   - event: traps if this event never has this outcome (``AuditEvent/successPriority``).
    ///   - outcome: how it ended.
    ///   - actor: who did it.
    package init(_ event: AuditEvent, _ outcome: AuditOutcome, actor: AuditActor) {
        precondition(outcome.priority(of: event) != nil, "\(event.name) never has this outcome")
        self.event = event
        self.outcome = outcome
        self.actor = actor
    }

    /// The chain that the record belongs to: its tenant's, or the server's own.
    package var stream: String { tenant?.text ?? AuditRecord.systemStream }

    /// The stream of events that concern no tenant; no tenant may have this name.
    package static let systemStream = "_system"
}

/// How it ended.
package enum AuditOutcome: Sendable, Hashable {
    case success
    case failure(AuditReason)

    /// The word of `SCIM_OUTCOME`.
    package var word: String {
        switch self {
        case .success: "success"
        case .failure: "failure"
        }
    }

    /// The `PRIORITY` of an event that ended so; nil if it never does.
    package func priority(of event: AuditEvent) -> UInt8? {
        switch self {
        case .success: event.successPriority
        case .failure: event.failurePriority
        }
    }
}

/// The resource concerned.
package struct AuditTarget: Sendable, Hashable {
    /// The name of the resource type: `User`.
    package let type: AuditSlug
    /// Made by this server; nil if the request named no resource that could exist.
    package let id: UniqueID?

    package init(type: AuditSlug, id: UniqueID?) {
        self.type = type
        self.id = id
    }
}

/// The members that a change added and removed.
package struct AuditMembership: Sendable, Equatable {
    package var added: AuditMembers
    package var removed: AuditMembers

    package init(added: AuditMembers = AuditMembers(), removed: AuditMembers = AuditMembers()) {
        self.added = added
        self.removed = removed
    }
}

/// Some members: the first ones by id, and how many there are in all.
package struct AuditMembers: Sendable, Equatable {
    package private(set) var first: [UniqueID] = []
    package private(set) var total = 0

    package init() {}

    /// Takes the ids of all members.
    package init(_ ids: some Sequence<UniqueID>) {
        for id in ids { add(id) }
    }

    /// Adds one; only the first 64 keep their id.
    package mutating func add(_ id: UniqueID) {
        total += 1
        if first.count < AuditRecord.valuesMax { first.append(id) }
    }
}

/// Which versions of the target a change lies between.
package enum AuditVersions: Sendable, Hashable {
    case none
    /// The target has the change's version since: it came into being, or others may have changed it at the same time.
    case made
    /// The target went from this version to the change's own.
    case changed(from: CommitVersion)
    /// The target had this version and keeps it, or is gone.
    case ended(CommitVersion)
}

/// That a record stands for several equal events.
package struct AuditCoalescing: Sendable, Hashable {
    package let count: UInt64
    package let firstTime: Timestamp

    package init(count: UInt64, firstTime: Timestamp) {
        self.count = count
        self.firstTime = firstTime
    }
}

extension AuditRecord {
    /// A field with several values is repeated at most this often.
    package static let valuesMax = 64
}
