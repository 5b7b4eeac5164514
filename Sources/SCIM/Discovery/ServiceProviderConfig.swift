import JSON

/// What a server offers, in one value: what it tells (RFC 7643 §5) and what it does follow from here.
package struct ServiceProviderFeatures: Sendable {
    /// Resources on a page if the client names no count.
    package let defaultPageSize: Int
    /// Resources on a page at most.
    package let maxPageSize: Int
    package let documentationURI: String?

    package init(defaultPageSize: Int = 100, maxPageSize: Int = 1_000, documentationURI: String? = nil) {
        self.defaultPageSize = defaultPageSize
        self.maxPageSize = maxPageSize
        self.documentationURI = documentationURI
    }
}

/// The service provider configuration document (RFC 7643 §5, RFC 9865 §4).
package struct ServiceProviderConfig: Sendable {
    package static let schema = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

    private let features: ServiceProviderFeatures

    package init(_ features: ServiceProviderFeatures) { self.features = features }

    /// `baseURL`: the Tenant URL without a slash at its end.
    package func json(baseURL: String) -> JSONValue {
        var document = JSONObject()
        document["schemas"] = .array([.string(Self.schema)])
        if let uri = features.documentationURI { document["documentationUri"] = .string(uri) }
        document["patch"] = Self.supported(true)
        // Both limits are there although nothing is offered: some clients give up on a document without them.
        document["bulk"] = Self.supported(
            false,
            [("maxOperations", .number(JSONNumber(0))), ("maxPayloadSize", .number(JSONNumber(0)))]
        )
        document["filter"] = Self.supported(true, [("maxResults", .number(JSONNumber(features.maxPageSize)))])
        document["changePassword"] = Self.supported(false)
        document["sort"] = Self.supported(false)
        document["etag"] = Self.supported(true)
        document["pagination"] = .object(
            Self.object([
                ("cursor", .bool(false)), ("index", .bool(true)),
                ("defaultPaginationMethod", .string("index")),
                ("defaultPageSize", .number(JSONNumber(features.defaultPageSize))),
                ("maxPageSize", .number(JSONNumber(features.maxPageSize))),
            ])
        )
        document["authenticationSchemes"] = .array([
            .object(
                Self.object([
                    ("type", .string("oauthbearertoken")), ("name", .string("OAuth Bearer Token")),
                    ("description", .string("A bearer token of the tenant, made by an administrator.")),
                    ("specUri", .string("https://www.rfc-editor.org/info/rfc6750")), ("primary", .bool(true)),
                ])
            )
        ])
        document["meta"] = Discovery.meta("ServiceProviderConfig", "\(baseURL)/ServiceProviderConfig")
        return .object(document)
    }

    private static func supported(_ isSupported: Bool, _ more: [(String, JSONValue)] = []) -> JSONValue {
        .object(object([("supported", .bool(isSupported))] + more))
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONObject {
        JSONObject(uniqueMembers: members.map { JSONObject.Member(name: $0.0, value: $0.1) })
    }
}

enum Discovery {
    static func meta(_ resourceType: String, _ location: String) -> JSONValue {
        var meta = JSONObject()
        meta["resourceType"] = .string(resourceType)
        meta["location"] = .string(location)
        return .object(meta)
    }
}
