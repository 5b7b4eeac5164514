import Audit
import JSON
import SCIM
import Storage
import Tenancy

/// What the audit trail tells of a change, in the same changeset: one record for one change.
struct ChangeRecord {
    let verb: ChangeVerb
    let id: UniqueID
    let status: UInt16
    /// The paths of the attributes that are other than before, members apart.
    var paths: [String] = []
    var members = MembershipDelta()
    var versions = AuditVersions.made
    /// How many attributes of the request no schema defines.
    var ignored = 0

    init(_ verb: ChangeVerb, of id: UniqueID, status: UInt16) {
        self.verb = verb
        self.id = id
        self.status = status
    }

    /// The record for the log.
    ///
    /// `kind`: the resource's, if it is not the one that the request is about. `old` and `new`: the resource before, and what it
    /// was asked to be, if the event depends on them. `named`: the resource as it is known by name, after the change and before.
    func entry(
        _ context: ChangeContext,
        _ environment: DirectoryEnvironment,
        kind: ResourceKind? = nil,
        old: Resource? = nil,
        new: RequestedChange? = nil,
        named: @autoclosure () -> [Resource] = []
    ) -> LogEntry {
        let kind = kind ?? context.kind
        let event = AuditEvent.change(
            verb,
            kind,
            old: old,
            new: new,
            changesMembersOnly: paths.isEmpty && !members.isEmpty
        )
        var record = AuditRecord(event, .success, actor: context.access.actor)
        record.tenant = context.access.tenantSlug
        record.credentialID = context.access.credentialID
        record.origin = context.origin
        record.origin?.status = status
        record.target = kind.typeSlug.map { AuditTarget(type: $0, id: id) }
        if let key = context.access.tenant.identifierKey {
            record.marks = key.marks(of: named(), environment)
        }
        for path in paths { if let path = AuditAttributePath(path) { record.attributes.append(path) } }
        record.ignoredAttributes = ignored
        if !members.isEmpty {
            record.members = AuditMembership(added: members.added, removed: members.removed)
        }
        record.unknownMembers = members.unknownCount
        record.versions = versions
        return record.logEntry()
    }

    /// The change's outcome, without the resource.
    func outcome(version: CommitVersion?, ignored: [AttributePath]) -> ChangeOutcome {
        ChangeOutcome(
            id: id,
            status: status,
            hasChanged: true,
            version: version,
            changedPaths: paths,
            effect: effect,
            ignored: ignored
        )
    }

    private var effect: ChangeEffect {
        let members: ChangeEffect = members.isEmpty ? [] : .members
        return switch verb {
        case .create: members.union(.created)
        case .delete: .deleted
        case .replace, .update: paths.isEmpty && !members.isEmpty ? members : members.union(.updated)
        }
    }
}

/// Whether a user's `active` changes: whoever has no such attribute is active, so that every way back is told as one.
enum Activation {
    case activated, deactivated

    /// Nil if it stays as it was, and for other resources than users.
    init?(_ kind: ResourceKind, from old: Resource, to new: Resource) {
        guard kind.type.name == "User" else { return nil }
        let wasActive = old.attributes["active"] != .bool(false)
        let isActive = new.attributes["active"] != .bool(false)
        guard wasActive != isActive else { return nil }
        self = isActive ? .activated : .deactivated
    }
}

extension AuditEvent {
    /// The event of a refused change, for which nothing is known of the states before and after.
    package static func change(_ verb: ChangeVerb, _ kind: ResourceKind) -> AuditEvent {
        change(verb, kind, old: nil, new: nil, changesMembersOnly: false)
    }

    /// The most specific event for a change.
    fileprivate static func change(
        _ verb: ChangeVerb,
        _ kind: ResourceKind,
        old: Resource?,
        new: RequestedChange?,
        changesMembersOnly: Bool
    ) -> AuditEvent {
        switch (kind.type.name, verb) {
        case ("User", .create): .userCreate
        case ("User", .delete): .userDelete
        case ("User", let verb): userChange(verb, kind, old: old, new: new)
        case ("Group", .create): .groupCreate
        case ("Group", .replace): .groupReplace
        case ("Group", .update): changesMembersOnly ? .groupMembers : .groupUpdate
        case ("Group", .delete): .groupDelete
        case (_, .create): .resourceCreate
        case (_, .replace), (_, .update): .resourceUpdate
        case (_, .delete): .resourceDelete
        }
    }

    private static func userChange(
        _ verb: ChangeVerb,
        _ kind: ResourceKind,
        old: Resource?,
        new: RequestedChange?
    ) -> AuditEvent {
        let general: AuditEvent = verb == .replace ? .userReplace : .userUpdate
        guard let old, let new else { return general }
        switch Activation(kind, from: old, to: new.resource) {
        case .activated: return .userActivate
        case .deactivated: return .userDeactivate
        case nil: break
        }
        return new.containsPassword && old == new.resource ? .userPassword : general
    }
}
