import JSON

/// What a server offers, in one value: what it tells (RFC 7643 §5) and what it does follow from here.
package struct ServiceProviderFeatures: Sendable {
    /// The limits of a bulk request (RFC 7644 §3.7).
    package struct Bulk: Sendable {
        package let operationsMax: Int
        /// Bytes of the body.
        package let payloadBytesMax: Int

        package init(operationsMax: Int = 1_000, payloadBytesMax: Int = 1 << 20) {
            self.operationsMax = operationsMax
            self.payloadBytesMax = payloadBytesMax
        }
    }

    /// Resources on a page if the client names no count.
    package let defaultPageSize: Int
    /// Resources on a page at most.
    package let maxPageSize: Int
    package let patch: Bool
    package let bulk: Bulk
    package let filter: Bool
    package let changePassword: Bool
    package let sort: Bool
    /// How far into a sorted list pages may lie that are asked for by index.
    package let sortedResultsMax: Int
    package var etag: Bool
    /// Seconds that a cursor is good for (RFC 9865); nil if pages can be asked for by index only.
    package let cursorTimeoutSeconds: Int?
    package let documentationURI: String?

    package init(
        defaultPageSize: Int = 100,
        maxPageSize: Int = 1_000,
        patch: Bool = true,
        bulk: Bulk = Bulk(),
        filter: Bool = true,
        changePassword: Bool = false,
        sort: Bool = true,
        sortedResultsMax: Int = 100_000,
        etag: Bool = true,
        cursorTimeoutSeconds: Int? = 3_600,
        documentationURI: String? = nil
    ) {
        self.defaultPageSize = defaultPageSize
        self.maxPageSize = maxPageSize
        self.patch = patch
        self.bulk = bulk
        self.filter = filter
        self.changePassword = changePassword
        self.sort = sort
        self.sortedResultsMax = sortedResultsMax
        self.etag = etag
        self.cursorTimeoutSeconds = cursorTimeoutSeconds
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
        document["patch"] = Self.supported(features.patch)
        document["bulk"] = Self.supported(
            true,
            [
                ("maxOperations", .number(JSONNumber(features.bulk.operationsMax))),
                ("maxPayloadSize", .number(JSONNumber(features.bulk.payloadBytesMax))),
            ]
        )
        document["filter"] = Self.supported(
            features.filter,
            [("maxResults", .number(JSONNumber(features.maxPageSize)))]
        )
        document["changePassword"] = Self.supported(features.changePassword)
        document["sort"] = Self.supported(features.sort)
        document["etag"] = Self.supported(features.etag)
        var pagination = Self.object([
            ("cursor", .bool(features.cursorTimeoutSeconds != nil)), ("index", .bool(true)),
            ("defaultPaginationMethod", .string("index")),
            ("defaultPageSize", .number(JSONNumber(features.defaultPageSize))),
            ("maxPageSize", .number(JSONNumber(features.maxPageSize))),
        ])
        pagination["cursorTimeout"] = features.cursorTimeoutSeconds.map { .number(JSONNumber($0)) }
        document["pagination"] = .object(pagination)
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
