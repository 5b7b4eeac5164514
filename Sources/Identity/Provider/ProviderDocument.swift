internal import JSON

/// Reading the JSON documents of a provider.
enum ProviderDocument {
    /// The object that a document is.
    static func object(_ bytes: [UInt8], _ limits: JSONLimits) throws(DocumentError) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: limits) } catch {
            throw .json(error.description)
        }
        guard case .object(let object) = value else { throw .json("it is no object") }
        return object
    }
}

/// Why a document of the provider cannot be used.
package enum DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is no JSON object; with the reason.
    case json(String)
    /// A member that has to be there is not, or has a wrong form.
    case member(String)
    case tooMany(String, most: Int)

    package var description: String {
        switch self {
        case .json(let reason): "it is no proper JSON object (\(reason))"
        case .member(let name): "its member \(name) is missing or has a wrong form"
        case .tooMany(let name, let most): "it has more than \(most) \(name)"
        }
    }
}
