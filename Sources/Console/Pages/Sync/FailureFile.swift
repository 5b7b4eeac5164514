import HTTP
import JSON

/// One failed request as a file that can be given to others: no name, no address, no value and no id of a person.
enum FailureFile {
    @Sendable static func download(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let id = exchange.parameters["request"] ?? ""
        guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy({ isNameByte($0) }) else {
            throw .notFound
        }
        let failure = try await exchange.get("/tenants/\(exchange.tenant)/failures/\(id)")
        return exchange.download(
            .object(content(failure, tenant: exchange.tenant)),
            as: "failure-\(id).json"
        )
    }

    /// What the file holds; a member without a value is left out.
    private static func content(_ failure: JSONObject, tenant: String) -> JSONObject {
        let sentence = ExchangeSentence(failure, now: 0)
        var members: [JSONObject.Member] = []
        func add(_ name: String, _ value: JSONValue?) {
            switch value {
            case nil, .null, .string(""): break
            case let value?: members.append(.init(name: name, value: value))
            }
        }
        add("tenant", .string(tenant))
        for name in ["requestID", "time", "first", "count", "method"] { add(name, failure[name]) }
        add("path", .string(path(failure.text("route"))))
        for name in ["query", "status"] { add(name, failure[name]) }
        add("scimType", failure["keyword"])
        add("reason", failure["reason"])
        add("client", failure["client"])
        add("detail", failure["detail"])
        add("whatToDo", .string(sentence.advice))
        add("auditStream", failure["auditSequence"] == nil ? nil : .string(tenant))
        add("auditSequence", failure["auditSequence"])
        return JSONObject(uniqueMembers: members)
    }

    /// The path behind the Tenant URL, without ids and without what a client has made up.
    private static func path(_ route: String) -> String {
        switch route {
        case "User": "/Users/{id}"
        case "Group": "/Groups/{id}"
        case "Resources": "/{endpoint}"
        case "Resource": "/{endpoint}/{id}"
        case "Resources/.search": "/{endpoint}/.search"
        case "root": "/"
        case "doubledBase": "/scim/v2/…"
        case "missingBase", "unknown": "{unknown}"
        default: "/\(route)"
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
