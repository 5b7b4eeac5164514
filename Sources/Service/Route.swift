import Directory
import HTTP
import Tenancy

/// Where a request's target leads (RFC 7644 §3.2, table 2), below `/TENANT/scim/v2`.
enum Route {
    case serviceProviderConfig
    case schemas
    case schema(String)
    case resourceTypes
    case resourceType(String)
    case collection(ResourceKind)
    case resource(ResourceKind, id: String)
    /// The server root: resources of all types (RFC 7644 §3.4.2.1).
    case root
    /// `.search` below a resource type's endpoint (RFC 7644 §3.4.3).
    case search(ResourceKind)
    /// `.search` at the server root.
    case searchRoot
    /// Several changes in one request (RFC 7644 §3.7).
    case bulk
    /// An endpoint of the protocol that this server does not offer.
    case notOffered(String)

    var isBulk: Bool { if case .bulk = self { true } else { false } }

    /// The methods that the route answers, for `Allow` (RFC 9110 §10.2.1).
    var methods: [Method] {
        switch self {
        case .serviceProviderConfig, .schemas, .schema, .resourceTypes, .resourceType: [.get, .head]
        case .collection: [.get, .head, .post]
        case .resource: [.get, .head, .put, .patch, .delete]
        case .root: [.get, .head]
        case .search, .searchRoot, .bulk: [.post]
        case .notOffered: []
        }
    }

    /// The one path that may be read without a credential.
    static let openPath = ["ServiceProviderConfig"]

    /// `path`: the segments behind the version.
    init?(_ path: ArraySlice<String>, kinds: ResourceKinds) {
        guard let endpoint = path.first else {
            self = .root
            return
        }
        guard path.count <= 2, let last = path.last else { return nil }
        let name = path.count == 2 ? last : nil
        // Nearly every request is for resources, so that their endpoints are looked at first.
        if let kind = kinds.kind(endpoint: endpoint) {
            self =
                name.map { $0 == Self.searchSegment ? .search(kind) : .resource(kind, id: $0) }
                ?? .collection(kind)
            return
        }
        switch (endpoint, name) {
        case ("ServiceProviderConfig", nil): self = .serviceProviderConfig
        case ("Schemas", nil): self = .schemas
        case ("Schemas", let name?): self = .schema(name)
        case ("ResourceTypes", nil): self = .resourceTypes
        case ("ResourceTypes", let name?): self = .resourceType(name)
        case ("Me", _): self = .notOffered("/Me, since a token stands for a tenant and for no person,")
        case ("Bulk", nil): self = .bulk
        case (Self.searchSegment, nil): self = .searchRoot
        default: return nil
        }
    }

    /// In no resource's id, so that nothing else can be meant (RFC 7644 §3.2, table 2).
    private static let searchSegment = ".search"
}

/// The part of a target that names tenant and protocol version: `/TENANT/scim/v2`.
struct TenantPath {
    enum Version { case supported, unsupported(String) }

    let tenant: String
    let version: Version
    let rest: ArraySlice<String>

    /// Nil if the target is below no tenant's URL.
    ///
    /// Without a version segment the newest is meant (RFC 7644 §3.13).
    init?(_ segments: [String]) {
        guard segments.count >= 2, segments[1] == "scim" else { return nil }
        tenant = segments[0]
        guard segments.count > 2, Self.isVersion(segments[2]) else {
            version = .supported
            rest = segments[2...]
            return
        }
        version = segments[2] == "v2" ? .supported : .unsupported(segments[2])
        rest = segments[3...]
    }

    /// `v` and a number, perhaps with a fraction.
    private static func isVersion(_ segment: String) -> Bool {
        let digits = segment.utf8.dropFirst()
        return segment.utf8.first == UInt8(ascii: "v") && !digits.isEmpty
            && digits.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
            }
    }
}
