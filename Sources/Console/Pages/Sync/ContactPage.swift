import HTTP
import JSON

/// Sync: the provider's last contact, what it did and what failed, live while the page is open.
enum ContactPage {
    struct Line: View {
        let sentence: String
        let advice: String
        let requestID: String
        /// The refusal's own sentence; empty where it is not kept.
        let detail: String
        let userPath: String
    }

    struct Content: View {
        let client: String
        let lastContact: String
        let nextStep: String
        let isRefused: Bool
        /// What is wrong with the address of the Tenant URL.
        let addressMessage: String
        let tokenMessage: String
        let endedMessage: String
        let tokenExpires: String
        let exchanges: [Line]
        let hasExchanges: Bool
        let failures: [Line]
        let hasFailures: Bool
        let ignored: [String]
        let chart: ActivityChart
        let quarantine: QuarantineMeter
        let eventsPath: String
    }

    static let page = Page(template: "contact", title: "Sync", place: Navigation.contact)

    /// Exchanges and failures that the page shows.
    private static let linesMax = 20
    /// How often an open page looks for news, and for how long one answer of events waits.
    private static let pollsMax = 20
    /// Pages that wait for news at a time.
    static let watchersMax = 256

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let path = "/tenants/\(exchange.tenant)"
        let activity = try await exchange.get("\(path)/activity")
        let tenant = try await exchange.tenantSummary()
        let now = exchange.console.environment.now()
        let tokens = TenantTokens(try await exchange.get("\(path)/tokens"), now: now)
        let exchanges = activity.objects("exchanges")
        let step = FirstContact(activity, hasToken: tokens.current != nil, now: now)
        return exchange.page(
            Content(
                client: tenant.texts("clients").map(ClientName.title).joined(separator: ", "),
                lastContact: exchanges.map { $0.text("time") }.max().map { TimeText.ago($0, now: now) } ?? "",
                nextStep: step.text,
                isRefused: step.isRefused,
                addressMessage: await exchange.console.addressCheck.sentence(for: tenant.text("tenantURL")),
                tokenMessage: tokens.current?.message ?? "",
                endedMessage: tokens.endedMessage,
                tokenExpires: tokens.current?.expires ?? "",
                exchanges: lines(exchanges, now, exchange.tenant),
                hasExchanges: !exchanges.isEmpty,
                failures: lines(activity.objects("failures"), now, exchange.tenant),
                hasFailures: !activity.objects("failures").isEmpty,
                ignored: tenant.objects("ignoredAttributes").map {
                    "\($0.text("type")) \($0.text("attribute"))"
                },
                chart: ActivityChart(activity),
                quarantine: QuarantineMeter(activity),
                eventsPath: "\(path)/sync/events?after=\(activity.integer("lastSequence"))"
            ),
            page
        )
    }

    /// What is new since the page was made, as server-sent events: one answer, behind which a browser asks again.
    ///
    /// A browser never asks again after a status that is none of success, so that what keeps it waiting is no fault here.
    @Sendable static func events(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard exchange.console.watchers.begin() else { return EventAnswer.later }
        defer { exchange.console.watchers.end() }
        do throws(ConsoleFault) { return EventAnswer.make(try await news(exchange)) } catch .unreachable {
            return EventAnswer.later
        }
    }

    /// Waits for news by asking again and again: a command that waits at the server would hold one of the few threads that
    /// all pages share.
    private static func news(_ exchange: Exchange) async throws(ConsoleFault) -> String {
        let last = exchange.request.fields[FieldName("Last-Event-ID")] ?? exchange.query("after")
        let after = Int(last) ?? 0
        let path = "/tenants/\(exchange.tenant)/activity"
        var sequence = after
        for _ in 0..<pollsMax {
            sequence = try await exchange.get("\(path)?after=\(after)").integer("lastSequence")
            guard sequence == after, await exchange.console.watchers.sleep() else { break }
        }
        // Without news too, now and then: how long ago something was changes by itself.
        return "retry: 1000\nid: \(sequence)\nevent: news\ndata: {}\n"
    }

    private static func lines(_ all: [JSONObject], _ now: Int64, _ tenant: String) -> [Line] {
        all.sorted { $0.text("time") > $1.text("time") }.prefix(linesMax).map { one in
            let sentence = ExchangeSentence(one, now: now)
            let resource = one.text("resource")
            return Line(
                sentence: sentence.text,
                advice: sentence.advice,
                requestID: one.text("requestID"),
                detail: one.text("detail"),
                userPath: resource.isEmpty || !one.text("route").hasPrefix("User")
                    ? "" : "/tenants/\(tenant)/users/\(PercentEncoding.encode(resource))"
            )
        }
    }
}

/// How far a tenant is on the way that the guide describes, and whether the provider gets through at the moment.
struct FirstContact {
    let text: String
    /// Whether the newest request was refused.
    let isRefused: Bool

    init(_ activity: JSONObject, hasToken: Bool, now: Int64) {
        let exchanges = activity.objects("exchanges")
        let newest = exchanges.max { $0.text("time") < $1.text("time") }
        if let newest, Self.isTurnedAway(newest) {
            let sentence = ExchangeSentence(newest, now: now)
            isRefused = true
            text = "The newest request was refused: \(sentence.text). \(sentence.advice)"
            return
        }
        isRefused = false
        text = Self.nextStep(activity, hasAnyCalled: newest != nil, hasToken: hasToken)
    }

    /// Whether a request did not get as far as to be a question about a resource.
    private static func isTurnedAway(_ exchange: JSONObject) -> Bool {
        switch exchange.integer("status") {
        case 401, 403, 429, 500...: true
        case 404: ["doubledBase", "missingBase", "unknown"].contains(exchange.text("route"))
        default: false
        }
    }

    private static func nextStep(_ activity: JSONObject, hasAnyCalled: Bool, hasToken: Bool) -> String {
        func count(_ name: String) -> Int {
            activity.objects("hours").reduce(0) { $0 + $1.integer(name) }
        }
        if !hasAnyCalled, count("requests") == 0 {
            return hasToken
                ? "Nobody has called yet. In Okta, paste Tenant URL and token, and press Test API Credentials."
                : "Nobody has called yet, and no token is valid. Generate one under Secure › Advanced."
        }
        if count("created") == 0 {
            return
                "The address and the token are right. Next: enable Create Users, Update User Attributes and Deactivate Users, "
                + "and assign people."
        }
        if count("membershipChanges") == 0 {
            return "Users arrive. Next: push groups, in Okta under Push Groups."
        }
        return "Users and groups arrive. There is nothing more to set up."
    }
}
