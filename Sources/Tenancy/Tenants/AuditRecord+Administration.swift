import Audit
import JSON

extension AuditRecord {
    /// What an operator did to a tenant or its tokens.
    package static func administration(
        _ event: AuditEvent,
        tenant: AuditSlug,
        actor: AuditActor,
        credential: String? = nil,
        expires: Timestamp? = nil
    ) -> AuditRecord {
        var record = AuditRecord(event, .success, actor: actor)
        record.tenant = tenant
        record.credentialID = credential.flatMap { AuditSlug("tok_\($0)") }
        if let expires { record.details = .expiry(expires) }
        return record
    }
}
