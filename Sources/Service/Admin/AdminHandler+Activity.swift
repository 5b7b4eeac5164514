import Audit
import Directory
import HTTP
import JSON
import Notes
import SCIM
import Storage
import Tenancy

extension AdminHandler {
    /// How long a request may wait for the next exchange.
    static let activityWaitSecondsMax = 25

    /// `GET /tenants/NAME/activity`, with `?after=SEQUENCE` for what came later, and `&wait=SECONDS` to wait for that.
    ///
    /// Nil if the path is another one.
    func showActivity(_ request: Request) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .get, path.count == 3, path[0] == "tenants", path[2] == "activity" else {
            return nil
        }
        let asked = try AskedActivity(request.target)
        let tenant = try administration.tenant(path[1])
        var activity = try await activity(of: tenant)
        if let after = asked.after, asked.waitSeconds > 0, activity.lastSequence <= after {
            do throws(DirectoryError) {
                try await notes.waitForActivity(
                    of: tenant,
                    after: after,
                    for: .seconds(asked.waitSeconds)
                )
            } catch {
                var response = AdminMessage.error(
                    .failed,
                    .serviceUnavailable,
                    "Too many requests wait for activity already; try again."
                )
                response[.retryAfter] = "1"
                return response
            }
            // The tenant may have been deleted, or be another one of the same name.
            guard try administration.tenant(path[1]).number == tenant.number else { throw .noSuchTenant }
            activity = try await self.activity(of: tenant)
        }
        let tokens = Set(try administration.tokens(of: path[1]).map(\.id))
        return AdminMessage.json(
            .ok,
            .object(AdminMessage.activity(activity, after: asked.after, tokens: tokens))
        )
    }

    /// `GET /tenants/NAME/failures/REQUEST`: one of the failures that are kept, with the number of its audit record.
    ///
    /// Nil if the path is another one.
    func showFailure(_ request: Request) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .get, path.count == 4, path[0] == "tenants", path[2] == "failures" else {
            return nil
        }
        let tenant = try administration.tenant(path[1])
        let failures = try await activity(of: tenant).failures
        guard let failure = failures.last(where: { $0.exchange.requestID.digits == path[3] }) else {
            return AdminMessage.error(
                .notThere,
                .notFound,
                "The failure of this request is not kept any more."
            )
        }
        let sequence = try administration.auditSequence(
            ofRequest: failure.exchange.requestID.digits,
            of: tenant,
            near: failure.exchange.time
        )
        let tokens = Set(try administration.tokens(of: path[1]).map(\.id))
        return AdminMessage.json(
            .ok,
            .object(AdminMessage.failure(failure, tokens: tokens, auditSequence: sequence))
        )
    }

    func activity(of tenant: Tenant) async throws(AdministrationError) -> TenantActivity {
        do throws(DirectoryError) { return try await notes.activity(of: tenant) } catch .storage(
            let error
        ) {
            throw .store(error)
        } catch {
            throw .conflict
        }
    }
}

/// The parameters of the request for a tenant's activity.
private struct AskedActivity {
    var after: UInt64?
    var waitSeconds = 0

    init(_ target: Target) throws(AdministrationError) {
        for item in target.queryItems {
            switch item.name {
            case "after":
                guard let number = UInt64(item.value), number < 1 << 53, after == nil else {
                    throw .invalidBody("after is the number of an exchange.")
                }
                after = number
            case "wait":
                guard let seconds = Int(item.value),
                    (0...AdminHandler.activityWaitSecondsMax).contains(seconds)
                else {
                    throw .invalidBody(
                        "wait is a number of seconds from 0 to \(AdminHandler.activityWaitSecondsMax)."
                    )
                }
                waitSeconds = seconds
            default: throw .invalidBody("The command takes no parameter \(item.name).")
            }
        }
        guard after != nil || waitSeconds == 0 else { throw .invalidBody("wait needs after.") }
    }
}

extension AdminMessage {
    /// What is known of a tenant's activity; with `after`, exchanges and failures with higher numbers, and the last hour.
    ///
    /// `tokens`: the ids of the tenant's own tokens; of others, which were shown here, no id is told.
    static func activity(_ activity: TenantActivity, after: UInt64?, tokens: Set<String>) -> JSONObject {
        let hours = after == nil ? activity.hours[...] : activity.hours.suffix(1)
        func isNew(_ exchange: ActivityExchange) -> Bool { exchange.sequence > after ?? 0 }
        return object([
            Member("lastSequence", .number(JSONNumber(Int(activity.lastSequence)))),
            Member(
                "exchanges",
                .array(
                    activity.exchanges.filter(isNew).map { .object(object(members($0, tokens))) }
                )
            ),
            Member(
                "failures",
                .array(
                    activity.failures.filter { isNew($0.exchange) }
                        .map { .object(self.failure($0, tokens: tokens, auditSequence: nil)) }
                )
            ),
            Member("hours", .array(hours.map { .object(object(members($0))) })),
            Member(
                "tokens",
                .array(
                    activity.tokens.filter { tokens.contains($0.tokenID) }.map { use in
                        .object(
                            object(
                                [
                                    Member("id", .string(use.tokenID)),
                                    Member("lastUsed", .string(use.time.text)),
                                ]
                                    + text("lastClient", use.client?.word)
                            )
                        )
                    }
                )
            ),
        ])
    }

    /// One failure; `auditSequence`: the number of its record in the tenant's stream, if it is known.
    static func failure(
        _ failure: ActivityFailure,
        tokens: Set<String>,
        auditSequence: UInt64?
    ) -> JSONObject {
        let number = auditSequence.map { [Member("auditSequence", .number(JSONNumber(Int($0))))] } ?? []
        return object(members(failure.exchange, tokens) + members(failure) + number)
    }

    private static func members(_ exchange: ActivityExchange, _ tokens: Set<String>) -> [Member] {
        [
            Member("sequence", .number(JSONNumber(Int(exchange.sequence)))),
            Member("time", .string(exchange.time.text)),
            Member("first", .string(exchange.first.text)),
            Member("count", .number(JSONNumber(Int(exchange.count)))),
            Member("method", .string(exchange.method.rawValue)),
            Member("route", .string(exchange.route.word)),
        ]
            + text("query", exchange.query.text)
            + [Member("status", .number(JSONNumber(Int(exchange.status))))]
            + text("keyword", exchange.keyword?.rawValue)
            + text("reason", exchange.reason?.word)
            + text("token", exchange.tokenID.flatMap { tokens.contains($0) ? $0 : nil })
            + text("client", exchange.client?.word)
            + [Member("requestID", .string(exchange.requestID.digits))]
    }

    private static func members(_ failure: ActivityFailure) -> [Member] {
        text("detail", FixedSentence(rawValue: failure.detail)?.text)
            + text("resource", failure.resource?.text)
    }

    private static func members(_ hour: ActivityHour) -> [Member] {
        [Member("hour", .string(hour.start.text))]
            + ActivityCounter.allCases.map { Member($0.name, .number(JSONNumber(Int(hour.counts[$0])))) }
    }

    /// A member with a text, where there is one.
    private static func text(_ name: String, _ text: String?) -> [Member] {
        text.map { [Member(name, .string($0))] } ?? []
    }
}
