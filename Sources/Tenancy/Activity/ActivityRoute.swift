/// Where a request led, as far as a tenant's activity tells it: a closed list, so that no text of a client gets in.
///
/// The numbers stand in stored rows: none ever changes or is used again.
package enum ActivityRoute: UInt8, Sendable, CaseIterable {
    case unknown = 0
    case users = 1
    case user = 2
    case usersSearch = 3
    case groups = 4
    case group = 5
    case groupsSearch = 6
    /// Resources of a tenant's own types.
    case resources = 7
    case resource = 8
    case resourcesSearch = 9
    case root = 10
    case search = 11
    case bulk = 12
    case serviceProviderConfig = 13
    case schemas = 14
    case resourceTypes = 15
    case me = 16
    /// The Tenant URL's own end stands in the path a second time: `/acme/scim/v2/scim/v2/Users`.
    case doubledBase = 17
    /// It is missing: `/acme/Users`.
    case missingBase = 18

    /// The word by which operators read it; most are the endpoint's own.
    package var word: String {
        switch self {
        case .unknown: "unknown"
        case .users: "Users"
        case .user: "User"
        case .usersSearch: "Users/.search"
        case .groups: "Groups"
        case .group: "Group"
        case .groupsSearch: "Groups/.search"
        case .resources: "Resources"
        case .resource: "Resource"
        case .resourcesSearch: "Resources/.search"
        case .root: "root"
        case .search: ".search"
        case .bulk: "Bulk"
        case .serviceProviderConfig: "ServiceProviderConfig"
        case .schemas: "Schemas"
        case .resourceTypes: "ResourceTypes"
        case .me: "Me"
        case .doubledBase: "doubledBase"
        case .missingBase: "missingBase"
        }
    }
}
