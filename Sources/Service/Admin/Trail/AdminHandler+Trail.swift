import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `POST /tenants/NAME/audit-hash`, with `attribute` and `name`: what marks a name in the tenant's audit records.
    ///
    /// Nil if the path is another one. The name comes in the body, which nothing logs.
    func mark(_ request: Request, _ input: AdminInput) throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post, path.count == 3, path[0] == "tenants", path[2] == "audit-hash" else {
            return nil
        }
        let (attribute, name) = (input.text("attribute") ?? "", input.text("name") ?? "")
        guard IdentifierKey.attributes.contains(attribute) else {
            let known = IdentifierKey.attributes.joined(separator: ", ")
            throw .invalidBody("The attribute is one of \(known).")
        }
        guard !name.isEmpty else { throw .invalidBody("The name is empty, and no record has that.") }
        guard let key = try administration.tenant(path[1]).identifierKey else { throw .noIdentifierKey }
        let mark = key.mark(attribute, name, administration.environment)
        let field = attribute == "externalId" ? AuditField.externalIDMark : .nameMark
        return AdminMessage.json([
            .init("field", .string("\(field.name)")), .init("hash", .string(mark.text)),
        ])
    }

    /// `POST /audit/replay`: has the journal compared with the store, and gets back in it what it has lost.
    ///
    /// Nil if the path is another one.
    func replay(_ request: Request, _ actor: AuditActor) async -> Response? {
        guard request.method == .post, request.target.segments == ["audit", "replay"] else { return nil }
        func failed(_ sentence: String) -> Response {
            AdminMessage.error(.failed, .serviceUnavailable, sentence)
        }
        return switch await control.replay(actor) {
        case .done(let count):
            AdminMessage.json([.init("sent", .number(JSONNumber(Int(clamping: count))))])
        case .rolledBack:
            failed(
                "The journal has records that the store does not know: the store is an older copy. See `audit restored`."
            )
        case .unreadable: failed("The journal cannot be read, or the audit trail does not go to one.")
        case .incomplete, nil:
            failed(
                "The journal does not show what it is sent: it takes no records now, or the server may not read it."
            )
        }
    }

    /// `POST /audit/verified`: records how a verification of the trail went.
    ///
    /// Nil if the path is another one.
    func noteVerification(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        guard request.method == .post, request.target.segments == ["audit", "verified"] else { return nil }
        guard let records = input.integer("records"), records >= 0 else {
            throw .invalidBody("The member records is a number.")
        }
        let reason = input.text("fault").map { AuditReason(rawValue: $0) }
        guard reason != .some(nil) else { throw .invalidBody("The member fault is a kind of fault.") }
        try await administration.noteVerification(
            records: UInt64(records),
            fault: reason ?? nil,
            by: actor
        )
        return AdminMessage.json([])
    }
}
