import HTTP
import JSON

/// All tenants, for operators.
enum TenantsPage {
    struct Row: View {
        let name: String
        let isEnabled: Bool
        /// When and by whom SCIM was asked for; empty if it was not, or is enabled.
        let asked: String
        let users: Int
        let groups: Int
        let clients: String
        /// How long the token is good; empty if there is none.
        let tokenEnd: String
        /// Whether somebody has to do something about it.
        let isTokenEnding: Bool
    }

    struct Content: View {
        let rows: [Row]
        let hasRows: Bool
    }

    static let page = Page(template: "tenants", title: "Tenants", place: Navigation.tenants)

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let rows = try await exchange.get("/tenants").objects("tenants").map { tenant in
            let asked = tenant.object("scimRequested")
            return Row(
                name: tenant.text("name"),
                isEnabled: tenant.flag("scimEnabled"),
                asked: asked.members.isEmpty
                    ? ""
                    : "\(TimeText.minute(asked.text("time"))), by \(ActorName.title(asked.object("by")))",
                users: tenant.object("resources").integer("User"),
                groups: tenant.object("resources").integer("Group"),
                clients: tenant.texts("clients").map(ClientName.title).joined(separator: ", "),
                tokenEnd: tokenEnd(tenant.object("token")),
                isTokenEnding: ["expiring", "expired"].contains(tenant.object("token").text("state"))
            )
        }
        return exchange.page(Content(rows: rows, hasRows: !rows.isEmpty), page)
    }

    private static func tokenEnd(_ token: JSONObject) -> String {
        guard !token.members.isEmpty else { return "" }
        let days = token.integer("daysLeft")
        return days <= 0 ? "ended" : days == 1 ? "1 day left" : "\(days) days left"
    }
}

/// Identity providers by the names that people know.
enum ClientName {
    static func title(_ word: String) -> String {
        switch word {
        case "okta": "Okta"
        case "entra": "Microsoft Entra ID"
        case "onelogin": "OneLogin"
        case "jumpcloud": "JumpCloud"
        case "ping": "PingOne"
        case "": "the identity provider"
        default: word
        }
    }
}
