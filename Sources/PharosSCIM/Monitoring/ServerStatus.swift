import Audit
import JSON
import Reactor
import Server
import Service
import StorageLMDB
import TLS

/// What `pharos-scim status` shows of a server that has opened its store.
struct ServerStatus {
    /// Members of the answer to `GET /status`.
    let members: [JSONObject.Member]

    /// Tokens with fewer days are named, at most so many of them.
    private static let tokenDaysMax = 30
    private static let tokensMax = 20

    init(_ parts: Composition) throws {
        let tenants = try TenantFigures(parts.administration)
        let audit = parts.relay.status
        let counters = parts.scimServer.counters
        let file = try parts.store.dataFile()
        let store = parts.store.status
        let tokens = tenants.tokens.prefix { $0.days < Self.tokenDaysMax }.prefix(Self.tokensMax)
        func object(_ members: [(String, Int)]) -> JSONValue {
            .object(
                JSONObject(
                    uniqueMembers: members.map { .init(name: $0.0, value: .number(JSONNumber($0.1))) }
                )
            )
        }
        var members: [JSONObject.Member] = [
            .init(name: "publicURL", value: .string(parts.publicURL)),
            .init(
                name: "audit",
                value: object([
                    ("undelivered", Int(audit.undelivered)),
                    ("oldestSeconds", Int(audit.oldestAge.components.seconds)),
                    ("confirmed", Int(audit.confirmedCount)),
                ])
            ),
            .init(
                name: "connections",
                value: object([
                    ("open", counters.connectionsOpen), ("max", parts.scimServer.connectionsMax),
                    ("refused", counters.connectionsRefused),
                ])
            ),
            .init(name: "requests", value: .number(JSONNumber(counters.requests))),
            .init(
                name: "store",
                value: object([
                    ("dataBytes", file.bytes),
                    ("freeBytes", file.freeBytes),
                    ("logBytes", store.logBytes), ("waitingCommits", parts.store.waitingCommitCount),
                    ("checkpointSeconds", Int(store.checkpointAge.components.seconds)),
                    ("diskFreeBytes", Int(clamping: parts.store.diskFreeBytes ?? 0)),
                ])
            ),
            .init(name: "tenants", value: .number(JSONNumber(tenants.names.count))),
            .init(
                name: "expiringTokens",
                value: .array(
                    tokens.map { token in
                        .object(
                            JSONObject(uniqueMembers: [
                                .init(name: "tenant", value: .string(token.tenant)),
                                .init(name: "daysLeft", value: .number(JSONNumber(token.days))),
                            ])
                        )
                    }
                )
            ),
        ]
        if let certificate = parts.reload.certificate, let days = parts.reload.daysLeft {
            members.append(
                .init(
                    name: "certificate",
                    value: .object(
                        JSONObject(uniqueMembers: [
                            .init(name: "serialNumber", value: .string(certificate.serialNumber)),
                            .init(name: "notAfter", value: .string(certificate.end.text)),
                            .init(name: "daysLeft", value: .number(JSONNumber(Int(days.rounded(.down))))),
                        ])
                    )
                )
            )
        }
        self.members = members
    }
}
