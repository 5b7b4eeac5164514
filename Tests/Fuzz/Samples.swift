import JSON
import SCIM

/// What filters are tried on, and PATCH requests are applied to.
enum Samples {
    static let profiles: [Profile] = [.default, .strict, .okta, .entra]

    static let user = resource(
        .user,
        #"""
        {"userName":"bjensen","externalId":"7","name":{"familyName":"Jensen","givenName":"Barbara"},
        "displayName":"Barbara Jensen","nickName":"Babs","title":"Guide","active":true,"preferredLanguage":"en-US",
        "emails":[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@example.org","type":"home"}],
        "phoneNumbers":[{"value":"+1-555-0100","type":"work"}],
        "addresses":[{"type":"work","streetAddress":"100 Universal City Plaza","locality":"Hollywood","country":"US"}],
        "roles":[{"value":"admin"}],"x509Certificates":[{"value":"MIIDQzCC"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"employeeNumber":"701984","department":"Tours","manager":{"value":"26118915-6090-4610-87e4-49d8ca9f808d"}}}
        """#
    )

    /// One with nothing to select or replace.
    static let bareUser = resource(.user, #"{"userName":"jsmith"}"#)

    static let group = resource(.group, #"{"displayName":"Tour Guides","externalId":"g1"}"#)

    private static func resource(_ type: ResourceType, _ text: String) -> Resource {
        guard let body = try? JSONValue(parsing: Array(text.utf8)),
            let decoded = try? ResourceDecoder.decode(body, as: type, .default)
        else { fatalError("The sample is a \(type.name).") }
        return decoded.resource
    }
}
