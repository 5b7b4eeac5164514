import JSON

/// What a client asked and what it was answered, as a sentence, and what to do where something is wrong.
struct ExchangeSentence: Sendable {
    let text: String
    /// What to do; empty if nothing is wrong.
    let advice: String

    init(_ exchange: JSONObject, now: Int64) {
        let status = exchange.integer("status")
        let isFailure = status >= 400
        let client = exchange.text("client")
        // Without a good token anybody can call itself by a product's name.
        let isKnown = status != 401 || !exchange.text("token").isEmpty
        let who =
            client.isEmpty
            ? "Somebody"
            : isKnown ? ClientName.title(client) : "Somebody who calls itself \(ClientName.title(client))"
        let ago = TimeText.ago(exchange.text("time"), now: now)
        let count = exchange.integer("count")
        let times = count > 1 ? " (\(count) times)" : ""
        let (what, advice) =
            isFailure ? Self.failure(exchange, status) : (Self.deed(exchange), "")
        text = "\(who) \(what), \(ago)\(times)\(isFailure ? "" : ": answered")"
        self.advice = advice
    }

    /// What a request did that was answered.
    private static func deed(_ exchange: JSONObject) -> String {
        let method = exchange.text("method")
        let query = exchange.text("query")
        func thing(_ one: String, _ many: String) -> String {
            switch method {
            case "POST": "created a \(one)"
            case "PUT", "PATCH": "updated a \(one)"
            case "DELETE": "deleted a \(one)"
            default: query.hasPrefix("filter") ? "looked a \(one) up" : "read \(many)"
            }
        }
        return switch exchange.text("route") {
        case "Users", "User": thing("user", "users")
        case "Groups", "Group": thing("group", "groups")
        case "Bulk": "sent a bulk request"
        case "ServiceProviderConfig", "Schemas", "ResourceTypes": "asked what this service offers"
        default: "asked a question"
        }
    }

    private static let currentTokenAdvice =
        "Paste the token that is valid now; if nobody has its text any more, or none is valid, make a new one under Secure › Advanced."
    private static let tokenAdvice =
        "Paste the token from the SCIM Credentials again, whole and without spaces."

    private static func failure(_ exchange: JSONObject, _ status: Int) -> (what: String, advice: String) {
        switch exchange.text("route") {
        case "doubledBase":
            return (
                "asked for an address in which /scim/v2 stands twice (\(status))",
                "The Tenant URL ends with /scim/v2 already: paste it as it is, without adding anything."
            )
        case "missingBase":
            return (
                "asked for an address without /scim/v2 (\(status))",
                "Paste the whole Tenant URL, to its end."
            )
        case "unknown" where status == 404:
            return (
                "asked for an address that there is not (404)",
                "Compare the address that the provider uses with the Tenant URL: what follows it is Users, Groups and the like."
            )
        default: break
        }
        switch (status, exchange.text("reason")) {
        case (401, "missing"): return ("sent no token (401)", tokenAdvice)
        case (401, "expired"):
            return ("sent a token whose time is over, or that was replaced (401)", currentTokenAdvice)
        case (401, "revoked"):
            return ("sent a token that was ended or replaced (401)", currentTokenAdvice)
        case (401, "tenant"):
            return (
                "sent a token of another tenant (401)",
                "Tenant URL and token belong together: paste both from the same SCIM Credentials."
            )
        case (401, _): return ("sent a wrong token (401)", tokenAdvice)
        case (403, "disabled"):
            return (
                "was refused, since SCIM is not enabled for this tenant (403)",
                "Ask for SCIM under Secure › Advanced."
            )
        case (409, _):
            return (
                "tried to \(wish(exchange)), which conflicts with one that is there (409)",
                "Two people share a user name or another unique value, or one was made by import. Change one of them in the provider."
            )
        case (404, _):
            return (
                "tried to \(wish(exchange)), which is not there (404)",
                "The provider knows something that was deleted here. Removing and assigning it again in the provider creates it anew."
            )
        case (400, _):
            return (
                "tried to \(wish(exchange)), and sent something that is not valid (400)",
                "Look at the attribute mappings in the provider: the default mappings are accepted as they are."
            )
        case (429, _):
            return (
                "sent too many requests at a time (429)",
                "Providers try again. If this goes on, ask the operators of the service for a higher rate."
            )
        case (500..., _):
            return (
                "tried to \(wish(exchange)), and the service could not do it (\(status))",
                "Providers try again. If this goes on, tell the operators of the service the request id."
            )
        default: return ("was refused (\(status))", "")
        }
    }

    private static func wish(_ exchange: JSONObject) -> String {
        let thing = exchange.text("route").hasPrefix("Group") ? "group" : "user"
        return switch exchange.text("method") {
        case "POST": "create a \(thing)"
        case "PUT", "PATCH": "update a \(thing)"
        case "DELETE": "delete a \(thing)"
        default: "read a \(thing)"
        }
    }
}
