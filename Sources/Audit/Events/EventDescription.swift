/// What the registry tells of an event for people: the message catalogue of the journal and the documentation are made from it.
///
/// Names, ids and priorities are ``AuditEvent``'s own.
package struct EventDescription: Sendable {
    /// When there is such a record: a sentence for the documentation's table, in Markdown.
    package let when: String
    /// The catalogue's first line, with the value of a field where `@SCIM_…@` stands; without a full stop.
    package let subject: String
    /// What happened, and what it means: paragraphs, with an empty line between them.
    package let meaning: String
    /// What to do about it; nil if nothing is to be done.
    package let advice: String?
    /// The command that does it or shows more, with `@SCIM_…@` likewise.
    package let command: String
    /// The fields that each record of the event has, beside ``EventFields/ofAll``.
    package let always: Set<AuditField>
    /// The fields that some records of the event have.
    package let sometimes: Set<AuditField>

    init(
        _ when: String,
        subject: String,
        meaning: String,
        advice: String? = nil,
        command: String,
        always: Set<AuditField> = [],
        sometimes: Set<AuditField> = []
    ) {
        self.when = when
        self.subject = subject
        self.meaning = meaning
        self.advice = advice
        self.command = command
        self.always = always.union(EventFields.ofAll)
        self.sometimes = sometimes
    }

    /// What the server shows with ``command``: everything about one resource, one tenant, and so on.
    enum Command {
        static let journal = "journalctl --namespace=scim -u pharos-scim"
        static let request = "\(journal) SCIM_REQUEST_ID=@SCIM_REQUEST_ID@"
        static let target = "\(journal) SCIM_TENANT=@SCIM_TENANT@ SCIM_TARGET_ID=@SCIM_TARGET_ID@"
        static let credential = "\(journal) SCIM_CREDENTIAL_ID=@SCIM_CREDENTIAL_ID@"
        static let tenant = "pharos-scim tenant show @SCIM_TENANT@"
        static let tokens = "pharos-scim token list @SCIM_TENANT@"
        static let verify = "pharos-scim audit verify"
        static let service = "systemctl status pharos-scim.service"
    }
}

/// Fields that go together.
enum EventFields {
    /// Those of every record.
    static let ofAll: Set<AuditField> = [.event, .outcome, .actorType]
    /// Where a request came from.
    static let request: Set<AuditField> = [
        .address, .userAgent, .requestID, .traceID, .bulkID, .bulkIndex, .method, .status,
    ]
    /// Those of a change of a resource, by a client or by an import.
    static let change: Set<AuditField> = request.union([
        .reason, .actorID, .credentialID, .targetType, .targetID, .attribute, .attributesMore,
        .attributesIgnored,
        .versionOld,
        .versionNew, .count, .firstTime, .nameMark, .externalIDMark,
    ])
    /// The members of a group.
    static let members: Set<AuditField> = [
        .memberAdded, .membersAddedMore, .memberRemoved, .membersRemovedMore, .membersAdded, .membersRemoved,
        .membersUnknown,
    ]
    /// The certificate in use.
    static let certificate: Set<AuditField> = [.certificateSerial, .certificateEnd]
}

extension AuditEvent {
    /// What people are told of the event.
    ///
    /// Traps for an event without a description, which a test excludes.
    package var description: EventDescription {
        guard let description = EventDescription.all[self] else {
            preconditionFailure("\(name) has no description")
        }
        return description
    }
}

extension EventDescription {
    fileprivate static let all: [AuditEvent: EventDescription] = [
        users, resources, refusals, tenants, tokens, console, service, trail,
    ]
    .reduce(into: [:]) { all, some in all.merge(some) { _, new in new } }
}
