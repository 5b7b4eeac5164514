import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy

/// The members of a command's body.
struct AdminInput {
    private let object: JSONObject

    /// Takes anything that is not a JSON object for an empty one: missing members are what commands complain about.
    init(_ body: [UInt8]) {
        if case .object(let object)? = try? JSONValue(parsing: body, limits: .default) {
            self.object = object
        } else {
            object = JSONObject()
        }
    }

    func text(_ name: String) -> String? {
        if case .string(let text)? = object[name] { text } else { nil }
    }

    /// The value of a member; null if there is none.
    func value(_ name: String) -> JSONValue { object[name] ?? .null }

    /// Whether a member is there and true.
    func flag(_ name: String) -> Bool { object[name] == .bool(true) }

    func integer(_ name: String) -> Int? {
        if case .number(let number)? = object[name] { number.int64.map(Int.init) } else { nil }
    }

    func list(_ name: String) -> [JSONValue] {
        if case .array(let elements)? = object[name] { elements } else { [] }
    }
}

/// The answers of the administration interface, and what the command line prints with `--json`.
package enum AdminMessage {
    package struct Member {
        let name: String
        let value: JSONValue

        init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    static func json(_ members: [Member]) -> Response {
        json(.ok, .object(object(members)))
    }

    static func json(_ status: Status, _ value: JSONValue) -> Response {
        var body: [UInt8] = []
        value.write(to: &body)
        return Response(status, contentType: "application/json", body: body)
    }

    static func error(_ status: Status, _ message: String) -> Response {
        json(status, .object(object([Member("error", .string(message))])))
    }

    static func reload(_ outcome: ServerControl.Reload) -> Response {
        switch outcome {
        case .certificate(let serialNumber, let notAfter):
            json([.init("serialNumber", .string(serialNumber)), .init("notAfter", .string(notAfter))])
        case .nothing: json([])
        case .failed(let reason): error(.conflict, reason)
        }
    }

    static func findings(_ findings: [String]) -> Response {
        json([Member("findings", .array(findings.map(JSONValue.string)))])
    }

    /// The answer that shows a token, once.
    static func issued(_ issued: IssuedToken, url: String) -> Response {
        json(.created, .object(self.issued(issued, tenantURL: url)))
    }

    package static func issued(_ issued: IssuedToken, tenantURL: String) -> JSONObject {
        object([
            Member("tenantURL", .string(tenantURL)), Member("token", .string(issued.text)),
            Member("id", .string(issued.token.id)), Member("expires", .string(issued.token.expires.text)),
        ])
    }

    package static func token(_ token: Token, now: Timestamp) -> JSONObject {
        var members = [
            Member("id", .string(token.id)), Member("created", .string(token.created.text)),
            Member("expires", .string(token.expires.text)), Member("live", .bool(token.isLive(at: now))),
        ]
        if let revoked = token.revoked { members.append(Member("revoked", .string(revoked.text))) }
        return object(members)
    }

    package static func tenant(
        _ tenant: Tenant,
        url: String,
        counts: [(type: String, count: Int)],
        _ more: [Member] = []
    ) -> JSONObject {
        let members = [
            Member("name", .string(tenant.name)), Member("tenantURL", .string(url)),
            Member("scimEnabled", .bool(tenant.isSCIMEnabled)),
            Member("created", .string(tenant.created.text)),
        ]
        let settings = TenantSetting.all.map {
            Member($0.name, .string($0.word(in: tenant.settings).text))
        }
        let found = [
            Member("clients", .array(tenant.clients.all.map { .string($0.word) })),
            Member(
                "resources",
                .object(object(counts.map { Member($0.type, .number(JSONNumber($0.count))) }))
            ),
        ]
        return object(members + settings + found + more)
    }

    /// The status and sentence for an operator; the command line prints the same sentences.
    static func error(_ error: AdministrationError) -> Response {
        let status: Status =
            switch error {
            case .invalidTenantName, .invalidSetting, .invalidOverlap, .invalidSchema:
                .badRequest
            case .noSuchTenant, .noSuchToken, .noSuchSchema, .noSuchResourceType: .notFound
            case .tenantExists, .tokenExists, .noLiveToken, .inUse, .conflict, .transferRefused: .conflict
            case .auditUnavailable: .serviceUnavailable
            case .store(.full): .insufficientStorage
            case .store: .internalServerError
            }
        return self.error(status, describe(error))
    }

    /// The sentence that tells an operator what is wrong and what to do.
    package static func describe(_ error: AdministrationError) -> String {
        switch error {
        case .invalidTenantName:
            "A tenant's name has 1 to 63 lower-case letters, digits and inner hyphens."
        case .invalidSetting(let setting):
            "The values of \(setting.name) are \(setting.words.map(\.text).joined(separator: ", "))."
        case .tenantExists: "There is a tenant of this name already."
        case .noSuchTenant: "There is no tenant of this name."
        case .noSuchToken: "The tenant has no token of this id."
        case .tokenExists(let id): "The tenant has the live token \(id): regenerate it, or revoke it first."
        case .noLiveToken: "The tenant has no live token: generate one."
        case .invalidOverlap:
            "The overlap is a number of seconds from 0 to \(Administration.overlapSecondsMax)."
        case .invalidSchema(let fault): "\(fault)"
        case .noSuchSchema: "The tenant has no schema of its own with this URN."
        case .noSuchResourceType: "The tenant has no resource type of this name."
        case .inUse(let sentence): sentence
        case .auditUnavailable: "The audit trail takes no records; nothing was changed."
        case .conflict:
            "Somebody else changed the same thing at the same time; nothing was changed. Try again."
        case .transferRefused(let reason): reason
        case .store(let error): "The store failed: \(error)."
        }
    }

    static func object(_ members: [Member]) -> JSONObject {
        JSONObject(uniqueMembers: members.map { JSONObject.Member(name: $0.name, value: $0.value) })
    }
}
