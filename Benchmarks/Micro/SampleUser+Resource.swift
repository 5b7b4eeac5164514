import JSON
import SCIM

extension SampleUser {
    /// The sample as the server renders it, with id and meta: what filters look at.
    static var rendered: JSONObject {
        guard case .object(let object)? = try? JSONValue(parsing: json) else {
            preconditionFailure("The sample is a JSON object.")
        }
        return object
    }

    /// The sample as the server keeps it: what PATCH changes.
    static var resource: Resource {
        guard let decoded = try? ResourceDecoder.decode(.object(rendered), as: .user, .default) else {
            preconditionFailure("The sample is a valid user.")
        }
        return decoded.resource
    }
}
