import Audit
import HTTP
import SCIM
import Tenancy

/// One request on its way: what is known of it so far.
struct Exchange: Sendable {
    private(set) var request: Request
    let requestID: RequestID
    /// The tenant that the target names; trusted only as far as ``access`` agrees.
    var tenant = ""
    /// The Tenant URL without a slash at its end.
    var baseURL = ""
    var access: TenantAccess?
    /// Who asks, if the connection's last request has shown it.
    var known: KnownClient?
    /// The tenant whose credential was not good, if there is one of that name; 0 for none.
    var refusedBy: UInt32 = 0
    /// What the query of a list is of, if that is known already.
    var query: ActivityQuery?
    /// Where the request leads, as far as that is known.
    var place = ActivityRoute.unknown
    /// The product behind the request, if it is known.
    var client: ClientProduct?
    /// What the request would change, once that is known.
    var change: AuditEvent?
    var target: AuditTarget?
    /// The operation of a bulk request that the exchange is about; nil if it is about the whole request.
    var operation: (method: AuditMethod?, position: AuditBulkPosition)?
    /// Whether the credential is good, but its tenant's clients are not served.
    var isSuspended = false

    /// Whether it has been counted as one of its tenant's requests.
    private(set) var isCounted = false

    init(_ request: consuming Request, requestID: RequestID, isCounted: Bool = false) {
        self.request = request
        self.requestID = requestID
        self.isCounted = isCounted
    }

    /// The exchange once the request's body has been read.
    var withoutBody: Exchange {
        var rest = self
        rest.request.body = []
        return rest
    }

    /// Marks an answer for who counts requests; why it was refused stays as it is.
    func mark(_ response: inout Response) {
        response.mark.route = place.rawValue
        response.mark.tenant = access?.tenant.number ?? refusedBy
    }
}
