import Audit
import Directory
import HTTP
import JSON
import Locking
import Query
import SCIM
import Synchronization
import Tenancy

/// Who asks on a connection, as its last request has shown, so that the next one need not be looked at all anew.
///
/// It is believed while nothing that it rests on can have changed: the fields are the same bytes, the store has had no commit
/// of tenants, tokens or schemas since, and the token has not expired.
final class KnownClient: Sendable {
    let access: TenantAccess
    /// The Tenant URL without a slash at its end.
    let baseURL: String
    private let fields: Fields
    private let generation: UInt64
    /// The path of the Tenant URL, as the request had it.
    private let path: [UInt8]
    /// Whether the fields have been found to tell of no body that cannot be read.
    let isBodyReadable = Atomic(false)
    /// The last list that was asked for by one name, and the last resource by its id.
    let list = Locked<PreparedList?>(nil)
    let read = Locked<PreparedRead?>(nil)
    /// The last short PATCH; it rests on nothing that fields tell, and so is kept when they change.
    let patch: Locked<KeptPatch?>
    /// Where the requests come from, as the audit trail tells it, and the address behind that; nil before it was needed.
    private let source = Locked<(address: String?, origin: AuditOrigin)?>(nil)

    /// Nil if the request's path does not begin as its tenant's URL does.
    ///
    /// `generation`: the store's, from before the token was looked up. `patch`: the connection's last one.
    init?(_ exchange: Exchange, _ access: TenantAccess, generation: UInt64, patch: KeptPatch?) {
        let path = Array("/\(access.tenant.name)/scim/v2".utf8)
        guard exchange.request.target.segments(behind: path) != nil, access.expires != nil else { return nil }
        self.access = access
        self.path = path
        self.generation = generation
        self.patch = Locked(patch)
        baseURL = exchange.baseURL
        fields = exchange.request.fields
    }

    /// The client of a request's connection, if it is still certain who that is.
    static func of(_ request: Request, generation: UInt64?, now: Timestamp) -> KnownClient? {
        guard let known = request.memo?.value as? KnownClient, known.generation == generation,
            known.fields.isSame(as: request.fields), let expires = known.access.expires, now < expires
        else { return nil }
        return known
    }

    /// Where a request of the client comes from; what differs from request to request is left out.
    func origin(of request: Request) -> AuditOrigin {
        let address = request.peer.address
        return source.withLock { source in
            if let source, source.address == address { return source.origin }
            let origin = Exchange.origin(of: request)
            source = (address, origin)
            return origin
        }
    }

    /// What follows the Tenant URL in the path; nil if the target is below another URL, or spelled otherwise.
    func rest(of target: Target) -> [String]? { target.segments(behind: path) }
}

extension Exchange {
    /// Takes over who asks from the request before.
    mutating func identify(_ known: KnownClient) {
        self.known = known
        access = known.access
        tenant = known.access.tenant.name
        baseURL = known.baseURL
    }
}

extension RequestPipeline {
    func knownClient(_ request: Request, at now: Timestamp) -> KnownClient? {
        KnownClient.of(request, generation: authenticator.generation, now: now)
    }

    /// Remembers who asks, for the next request of the connection; of who only reads, from the second request with the same fields on,
    /// since many connections bring a single one.
    func know(_ exchange: Exchange, _ generation: UInt64?) {
        guard exchange.request.repeatsFields || exchange.request.method != .get else { return }
        guard let memo = exchange.request.memo, let access = exchange.access, let generation else { return }
        let patch = (memo.value as? KnownClient)?.patch.withLock { $0 }
        memo.value = KnownClient(exchange, access, generation: generation, patch: patch)
    }
}
