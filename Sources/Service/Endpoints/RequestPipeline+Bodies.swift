import Audit
import Directory
import HTTP
import JSON
import Locking
import SCIM
import Synchronization
import Tenancy

// The bodies of requests: what they are, and what of them is known already.

extension RequestPipeline {
    /// The body of a request as a JSON value.
    func body(_ exchange: Exchange) throws(Refusal) -> JSONValue { try document(exchange).value }

    /// The body of a request, parsed (RFC 7644 §3.8).
    func document(_ exchange: Exchange) throws(Refusal) -> JSONDocument {
        try requireReadableBody(exchange)
        do throws(JSONError) {
            return try JSONDocument(parsing: exchange.request.body)
        } catch {
            throw Refusal(SCIMError(.invalidSyntax, "The body is not acceptable JSON: \(error)."))
                .concerningNoResource
        }
    }

    /// Refuses a body that its fields say is no JSON as it is.
    private func requireReadableBody(_ exchange: Exchange) throws(Refusal) {
        if let known = exchange.known, known.isBodyReadable.load(ordering: .relaxed) { return }
        let request = exchange.request
        guard MediaType.isReadable(request.fields[.contentType]) else {
            throw Refusal(
                .unsupportedMediaType,
                .mediaType,
                reason: .mediaType
            ).concerningNoResource
        }
        guard MediaType.isUncompressed(request.fields) else { throw Refusal.compressed }
        exchange.known?.isBodyReadable.store(true, ordering: .relaxed)
    }

    /// The body of a request: parsed, unless it differs in a text alone from that of the connection's last PATCH.
    func body(
        _ asked: AskedChange,
        _ access: TenantAccess,
        _ exchange: Exchange
    ) throws(Refusal) -> AskedBody {
        guard asked.method == .patch,
            let kept = (exchange.request.memo?.value as? KnownClient)?.patch.withLock({ $0 }),
            let plan = kept.plan(for: exchange.request.body, type: asked.kind.type, access.profile)
        else { return .document(try document(exchange)) }
        try requireReadableBody(exchange)
        return .plan(plan)
    }

    /// Keeps what a PATCH has been understood as, for the next one of the connection.
    func keep(_ change: Change, _ asked: AskedChange, _ exchange: Exchange) {
        guard case .patch(_, let plan) = change.action, case .document(let body) = asked.body,
            let known = exchange.request.memo?.value as? KnownClient,
            let kept = KeptPatch(plan, of: body, type: asked.kind.type, change.context.access.profile)
        else { return }
        known.patch.withLock { $0 = kept }
    }
}
