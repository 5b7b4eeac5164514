import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy

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

    /// A refusal: a word for scripts, and a sentence for people.
    static func error(_ fault: AdminFault, _ status: Status, _ sentence: String) -> Response {
        json(
            status,
            .object(object([Member("error", .string(fault.rawValue)), Member("message", .string(sentence))]))
        )
    }

    static func reload(_ outcome: ServerControl.Reload) -> Response {
        switch outcome {
        case .done(let done):
            json(
                (done.certificate.map {
                    [
                        Member("serialNumber", .string($0.serialNumber)),
                        Member("notAfter", .string($0.notAfter)),
                    ]
                } ?? []) + [
                    Member("changed", .array(done.changed.map(JSONValue.string))),
                    Member("needsRestart", .array(done.needsRestart.map(JSONValue.string))),
                ]
            )
        case .failed(let reason): error(.failed, .conflict, reason)
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

    /// `use`: when the token was used, if it was.
    static func token(_ standing: TokenStanding, use: TokenUse? = nil, now: Timestamp) -> JSONObject {
        let token = standing.token
        var members = [
            Member("id", .string(token.id)), Member("created", .string(token.created.text)),
            Member("expires", .string(token.expires.text)), Member("live", .bool(token.isLive(at: now))),
            Member("state", .string(standing.state.rawValue)),
        ]
        if token.revoked == nil {
            members.append(Member("daysLeft", .number(JSONNumber(standing.daysLeft(at: now)))))
        }
        if let revoked = token.revoked { members.append(Member("revoked", .string(revoked.text))) }
        if let createdBy = token.createdBy { members.append(Member("createdBy", actor(createdBy))) }
        if let seconds = token.endsUnusedSeconds {
            members.append(Member("endsUnusedSeconds", .number(JSONNumber(Int(seconds)))))
        }
        if let use {
            members.append(Member("firstUsed", .string(use.first.text)))
            members.append(Member("lastUsed", .string(use.time.text)))
        }
        if let client = use?.client { members.append(Member("lastClient", .string(client.word))) }
        if let message = standing.message { members.append(Member("message", .string(message))) }
        return object(members)
    }

    static func actor(_ actor: AuditActor) -> JSONValue {
        let id = actor.id.map { [Member("id", .string($0.text))] } ?? []
        return .object(object([Member("type", .string(actor.kind))] + id))
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
        let requested = tenant.scimRequested.map { requested in
            Member(
                "scimRequested",
                .object(
                    object([
                        Member("time", .string(requested.time.text)), Member("by", actor(requested.by)),
                    ])
                )
            )
        }
        return object(members + (requested.map { [$0] } ?? []) + settings + found + more)
    }

    /// The status and sentence for an operator; the command line prints the same sentences.
    static func error(_ error: AdministrationError) -> Response {
        let status: Status =
            switch error {
            case .invalidTenantName, .invalidSetting, .invalidOverlap, .invalidSchema, .invalidBody:
                .badRequest
            case .noSuchTenant, .noSuchToken, .noSuchSchema, .noSuchResourceType, .noSuchIndex: .notFound
            case .tenantExists, .tokenExists, .noLiveToken, .noIdentifierKey, .inUse, .conflict,
                .transferRefused:
                .conflict
            case .auditUnavailable: .serviceUnavailable
            case .store(.full): .insufficientStorage
            case .store: .internalServerError
            }
        return self.error(AdminFault(error), status, error.description)
    }

    static func object(_ members: [Member]) -> JSONObject {
        JSONObject(uniqueMembers: members.map { JSONObject.Member(name: $0.name, value: $0.value) })
    }
}
