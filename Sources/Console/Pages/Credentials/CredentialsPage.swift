import HTTP
import JSON

/// The SCIM Credentials dialog: Tenant URL and token, shown once.
enum CredentialsPage {
    struct Content: View {
        let tenantURL: String
        let token: String
        let expires: String
        /// As the server tells it, for the file.
        let expiresTime: String
        let id: String
    }

    static let page = Page(template: "credentials", title: "SCIM Credentials")
    static let sentBefore = Page(template: "sent-before", title: "The token was made already")

    @Sendable static func generate(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        try await issue(exchange, "/tenants/\(exchange.tenant)/tokens", [])
    }

    @Sendable static func regenerate(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard let overlap = RegeneratePage.overlaps.first(where: { $0.value == exchange.form["overlap"] })
        else {
            throw .invalid("Choose for how long the old token stays valid.")
        }
        return try await issue(
            exchange,
            "/tenants/\(exchange.tenant)/tokens/regenerate",
            [
                ("overlapSeconds", .number(JSONNumber(overlap.seconds))),
                (
                    "replaces",
                    .array(exchange.form["shown"].split(separator: ",").map { .string(String($0)) })
                ),
            ]
        )
    }

    /// Makes a token for a form that was not carried out yet; a form that was leads to a page that says so.
    private static func issue(
        _ exchange: Exchange,
        _ path: String,
        _ members: [(String, JSONValue)]
    ) async throws(ConsoleFault) -> Response {
        let issued = try await exchange.once { () throws(ConsoleFault) in
            // The page may be older than the tenant's settings, or never have been opened.
            let obstacle = SyncPage.obstacle(try await exchange.tenantSummary(), exchange)
            guard obstacle.isEmpty else { throw .invalid(obstacle) }
            return try await exchange.post(path, members)
        }
        guard let issued else {
            return exchange.page(FaultView(sentence: ""), sentBefore, status: .conflict)
        }
        return exchange.page(
            Content(
                tenantURL: issued.text("tenantURL"),
                token: issued.text("token"),
                expires: TimeText.day(issued.text("expires")),
                expiresTime: issued.text("expires"),
                id: issued.text("id")
            ),
            page
        )
    }

    /// The credentials as a file, from what the dialog holds: the console keeps no token.
    @Sendable static func download(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let names = ["tenantURL", "token", "expires"]
        let values = names.map { exchange.form[$0] }
        guard
            values.allSatisfy({
                (1...512).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            })
        else { throw .expiredForm }
        let object = JSONObject(
            uniqueMembers: zip(names, values).map { .init(name: $0, value: .string($1)) }
        )
        return exchange.download(.object(object), as: "scim-credentials-\(exchange.tenant).json")
    }
}
