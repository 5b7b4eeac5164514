import HTTP
import JSON

/// One request of an identity provider, and what it has to be answered with for the provider to go on.
struct RehearsalStep: Sendable {
    /// What the provider needs to find in an answer.
    enum Expectation: Sendable {
        /// 201 with an id, which further steps name by a word.
        case created(as: String)
        /// 200 with a list of so many in all.
        case found(Int)
        /// 200 with a resource whose member has this value.
        case shows(String, JSONValue)
        /// 200 with a resource that has so many members.
        case showsMembers(Int)
        /// 200 or 204.
        case success
        case status(UInt16)

        var sentence: String {
            switch self {
            case .created: "201 with the id of what was created"
            case .found(let count): "200 with a list of \(count)"
            case .shows(let name, let value): "200 with \(name) \(value.compactText)"
            case .showsMembers(let count): "200 with \(count) members"
            case .success: "200 or 204"
            case .status(let code): "\(code)"
            }
        }
    }

    /// What the provider does, in an administrator's words.
    let title: String
    let method: HTTP.Method
    /// Below the Tenant URL; `{user}` stands for the id that an earlier step kept by that word.
    let path: String
    /// With the same words; nil for none.
    let body: String?
    let expectation: Expectation

    init(
        _ title: String,
        _ method: HTTP.Method,
        _ path: String,
        _ body: String? = nil,
        _ expectation: Expectation
    ) {
        self.title = title
        self.method = method
        self.path = path
        self.body = body
        self.expectation = expectation
    }

    /// What is missing in an answer, as a sentence; nil if the provider would go on.
    func finding(in response: Response) -> String? {
        let status = response.status.code
        let value = try? JSONValue(parsing: response.body)
        let object: JSONObject? = if case .object(let object)? = value { object } else { nil }
        switch expectation {
        case .created:
            guard status == 201 else { return Self.wrong(status, object) }
            return object?.text("id").isEmpty == false ? nil : "The answer has no id."
        case .found(let count):
            guard status == 200 else { return Self.wrong(status, object) }
            return object?["totalResults"] == .number(JSONNumber(count))
                ? nil : "The list has another totalResults."
        case .shows(let name, let expected):
            guard status == 200 else { return Self.wrong(status, object) }
            return object?[name] == expected ? nil : "The answer shows another \(name)."
        case .showsMembers(let count):
            guard status == 200 else { return Self.wrong(status, object) }
            return object?.objects("members").count == count
                ? nil : "The answer shows another number of members."
        case .success:
            return status == 200 || status == 204 ? nil : Self.wrong(status, object)
        case .status(let code):
            return status == code ? nil : Self.wrong(status, object)
        }
    }

    private static func wrong(_ status: UInt16, _ answer: JSONObject?) -> String {
        let detail = answer?.text("detail") ?? ""
        return detail.isEmpty ? "The answer was \(status)." : "The answer was \(status): \(detail)"
    }
}

extension JSONValue {
    /// The value as JSON without spaces.
    fileprivate var compactText: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
