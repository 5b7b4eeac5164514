import JSON
import SCIM
import TestSupport
import Testing

/// Reads a JSON text that a test holds.
func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

/// Reads a JSON object that a test holds.
func jsonObject(_ text: String) throws -> JSONObject {
    guard case .object(let object) = try json(text) else { throw NotAnObject() }
    return object
}

struct NotAnObject: Error {}

/// A value in which the order of members does not count, as in SCIM (RFC 7643 §2.3.8).
func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): .array(elements.map(sorted))
    case .object(let object): .object(sorted(object))
    default: value
    }
}

func sorted(_ object: JSONObject) -> JSONObject {
    JSONObject(
        uniqueMembers: object.members.map { .init(name: $0.name, value: sorted($0.value)) }
            .sorted { $0.name < $1.name }
    )
}

let user = SchemaCatalog.core.resourceTypes[0]
let group = SchemaCatalog.core.resourceTypes[1]
let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

/// The operations of a request whose `Operations` are given.
func operations(_ text: String, _ profile: Profile = .default) throws -> [PatchOperation] {
    let body = #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":\#(text)}"#
    return try request(body, profile).operations
}

/// Reads a body, which comes to the same as a tree and as a parsed text.
func request(_ text: String, _ profile: Profile) throws -> PatchRequest {
    let tree = Result { try PatchRequest.decode(try json(text), profile) }
    let parsed = Result { try PatchRequest.decode(try JSONDocument(parsing: Array(text.utf8)), profile) }
    #expect(String(describing: tree) == String(describing: parsed))
    return try tree.get()
}

/// What a request makes of a resource.
struct PatchOutcome {
    let resource: Resource
    let containsPassword: Bool
    let ignored: [AttributePath]
}

/// Understands operations whose `Operations` are given.
func plan(_ request: String, type: ResourceType = user, _ profile: Profile = .default) throws -> PatchPlan {
    try PatchPlan(try operations(request, profile), type: type, profile)
}

/// Applies operations to a user and gives what is stored afterwards.
func patch(
    _ before: String,
    _ request: String,
    type: ResourceType = user,
    _ profile: Profile = .default
) throws -> PatchOutcome {
    let plan = try plan(request, type: type, profile)
    return PatchOutcome(
        resource: try plan.apply(to: Resource(stored: try jsonObject(before), type: type)),
        containsPassword: plan.containsPassword,
        ignored: plan.ignored
    )
}

/// One PATCH with what it starts from and what it comes to.
struct PatchCase: CustomTestStringConvertible, Sendable {
    let claim: String
    let before: String
    let request: String
    let after: String

    init(_ claim: String, _ before: String, _ request: String, _ after: String) {
        self.claim = claim
        self.before = before
        self.request = request
        self.after = after
    }

    var testDescription: String { claim }

    func check() throws {
        let outcome = try patch(before, request)
        #expect(sorted(outcome.resource.attributes) == sorted(try jsonObject(after)))
    }
}

/// One PATCH that is refused, and how.
struct PatchRefusal: CustomTestStringConvertible, Sendable {
    let claim: String
    let before: String
    let request: String
    let keyword: SCIMError.Keyword

    init(_ claim: String, _ before: String, _ request: String, _ keyword: SCIMError.Keyword) {
        self.claim = claim
        self.before = before
        self.request = request
        self.keyword = keyword
    }

    var testDescription: String { claim }

    func check() {
        #expect { try patch(before, request) } throws: { ($0 as? SCIMError)?.keyword == keyword }
    }
}
