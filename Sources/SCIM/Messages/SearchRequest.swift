import JSON

/// A query in the body of a POST, which keeps what it is about out of URLs (RFC 7644 §3.4.3).
package enum SearchRequest {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

    /// Reads a body; names and the schema in any case, unknown members ignored, null as if it were not there.
    ///
    /// - Throws: `invalidSyntax` for a body of another shape, `invalidValue` for a parameter of another type.
    package static func decode(
        _ body: JSONValue,
        _ profile: Profile
    ) throws(SCIMError) -> QueryParameters {
        guard case .object(let message) = body else {
            throw SCIMError(.invalidSyntax, "A search request is a JSON object.")
        }
        try MessageSchema.require(schema, in: try message.member("schemas"), profile)
        var texts = QueryParameters.Texts()
        texts.cursor = try text("cursor", of: message)
        texts.filter = try text("filter", of: message)
        texts.startIndex = try integer("startIndex", of: message)
        texts.count = try integer("count", of: message, hasCursor: texts.cursor != nil)
        texts.attributes = try names("attributes", of: message)
        texts.excludedAttributes = try names("excludedAttributes", of: message)
        texts.sortBy = try text("sortBy", of: message)
        texts.sortOrder = try text("sortOrder", of: message)
        return try QueryParameters(texts)
    }

    private static func text(_ name: String, of message: JSONObject) throws(SCIMError) -> String? {
        switch try message.member(name) {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw SCIMError(.invalidValue, "The parameter \(name) must be a string.")
        }
    }

    private static func integer(
        _ name: String,
        of message: JSONObject,
        hasCursor: Bool = false
    ) throws(SCIMError) -> String? {
        switch try message.member(name) {
        case nil, .null: return nil
        case .number(let number): return number.text
        default: throw QueryParameters.notAnInteger(name, hasCursor: hasCursor)
        }
    }

    private static func names(_ name: String, of message: JSONObject) throws(SCIMError) -> [String]? {
        let refusal = SCIMError(.invalidValue, "The parameter \(name) must be an array of strings.")
        switch try message.member(name) {
        case nil, .null: return nil
        case .array(let elements):
            var names: [String] = []
            for element in elements {
                guard case .string(let text) = element else { throw refusal }
                names.append(text)
            }
            return names
        default: throw refusal
        }
    }
}
