/// By which protocol the people of a tenant sign in to the service's own pages.
package enum AuthenticationType: String, Sendable, CaseIterable {
    case openid, saml, other
}
