/// A provisioning client that can be told by its traffic.
///
/// The numbers are bits in stored rows: none ever changes or is used again.
package enum ClientProduct: UInt8, Sendable, CaseIterable {
    case okta = 0
    case entra = 1
    case oneLogin = 2
    case jumpCloud = 3
    case pingIdentity = 4
    case sailPoint = 5
    case google = 6
    case authentik = 7
    case keycloak = 8
    case rippling = 9

    /// The word by which operators and records call it.
    package var word: String {
        switch self {
        case .okta: "okta"
        case .entra: "entra"
        case .oneLogin: "onelogin"
        case .jumpCloud: "jumpcloud"
        case .pingIdentity: "ping"
        case .sailPoint: "sailpoint"
        case .google: "google"
        case .authentik: "authentik"
        case .keycloak: "keycloak"
        case .rippling: "rippling"
        }
    }
}

/// The products that a tenant's traffic has shown so far.
package struct ClientProducts: Sendable, Equatable {
    /// One bit for each product.
    package private(set) var bits: UInt32 = 0

    package init() {}

    /// Takes stored bits; those of no product are dropped.
    package init(bits: UInt32) {
        for product in ClientProduct.allCases where bits & Self.bit(product) != 0 { insert(product) }
    }

    package func contains(_ product: ClientProduct) -> Bool { bits & Self.bit(product) != 0 }

    package mutating func insert(_ product: ClientProduct) { bits |= Self.bit(product) }

    /// The products in the order of their declaration.
    package var all: [ClientProduct] { ClientProduct.allCases.filter(contains) }

    private static func bit(_ product: ClientProduct) -> UInt32 { 1 << UInt32(product.rawValue) }
}
