import JSON

/// What pages show of a token: everything but the token.
struct TokenView: View {
    let id: String
    let created: String
    let createdBy: String
    let expires: String
    /// When it was ended, or has ended by itself, if it has.
    let ended: String
    let isLive: Bool
    /// `12 s ago, by Okta`; empty if it was never used.
    let lastUse: String
    /// What is to be done about its end; empty while there is time.
    let message: String
    /// As the server tells them, to be compared.
    let createdTime: String
    let lastUsedTime: String
    let firstUsedTime: String
    /// After how many seconds without a use it ends by itself; 0 for never.
    let endsUnusedSeconds: Int
    let client: String

    init(_ token: JSONObject, now: Int64) {
        id = token.text("id")
        created = TimeText.minute(token.text("created"))
        createdBy = ActorName.title(token.object("createdBy"))
        expires = TimeText.minute(token.text("expires"))
        ended = token.text("revoked").isEmpty ? expires : TimeText.minute(token.text("revoked"))
        isLive = token.flag("live")
        createdTime = token.text("created")
        lastUsedTime = token.text("lastUsed")
        firstUsedTime = token.text("firstUsed")
        endsUnusedSeconds = token.integer("endsUnusedSeconds")
        client = ClientName.title(token.text("lastClient"))
        lastUse = lastUsedTime.isEmpty ? "" : "\(TimeText.ago(lastUsedTime, now: now)), by \(client)"
        message = token.text("message")
    }
}

/// The tokens of a tenant: the one that clients should use, and those that are being replaced.
struct TenantTokens: Sendable {
    /// Newest first.
    let live: [TokenView]
    /// The newest of those that are not live any more, if none is.
    let last: TokenView?

    init(_ answer: JSONObject, now: Int64) {
        let all = answer.objects("tokens").map { TokenView($0, now: now) }.sorted {
            $0.createdTime > $1.createdTime
        }
        live = all.filter(\.isLive)
        last = live.isEmpty ? all.first : nil
    }

    var current: TokenView? { live.first }
    /// The ids of those that are good, for a form whose page tells of them.
    var shown: String { live.map(\.id).joined(separator: ",") }

    static let changed = ConsoleFault.refused(
        word: "conflict",
        sentence:
            "The tokens of this tenant have changed since that page was opened. Nothing was done: look at them again."
    )
    /// What is to be done where no token is good any more; empty where one is, or there never was one.
    var endedMessage: String {
        last.map {
            "The last token is not valid any more (it ended on \($0.ended)): the identity provider is refused. "
                + "Generate a token, and paste it into the identity provider."
        } ?? ""
    }
}

/// Whoever did something, as pages name them.
enum ActorName {
    static func title(_ actor: JSONObject) -> String {
        switch actor.text("type") {
        case "": ""
        case "system": "the service itself"
        default: actor.text("id").isEmpty ? actor.text("type") : actor.text("id")
        }
    }
}
