import HTTP
import JSON

/// "Why can't she print?": the chain of reasons, from the person's name.
enum WhyPage {
    struct Reason: View {
        let sentence: String
        let advice: String
        let isGood: Bool
        /// The page that tells more; empty for none.
        let storyPath: String

        init(sentence: String, advice: String, isGood: Bool, storyPath: String = "") {
            self.sentence = sentence
            self.advice = advice
            self.isGood = isGood
            self.storyPath = storyPath
        }
    }

    struct Person: View {
        let name: String
        let userPath: String
        let reasons: [Reason]
    }

    struct Content: View {
        let search: String
        let people: [Person]
        let absent: [Reason]
        let isAbsent: Bool
    }

    static let page = Page(template: "why", title: "Why can’t they print?", place: Navigation.why)

    /// People of whom the reasons are told.
    private static let peopleMax = 5
    /// Characters of a resource's id, which is a UUID (RFC 9562).
    private static let idCharacters = 36
    private static let query = DirectoryQuery(
        endpoint: "Users",
        attributes:
            "userName,displayName,active,groups,urn:ietf:params:scim:schemas:extension:pharos:2.0:User:cards.value"
    )

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let search = exchange.query("q")
        guard !search.isEmpty else {
            return exchange.page(Content(search: "", people: [], absent: [], isAbsent: false), page)
        }
        let found = try await query.search(search, UsersPage.filters, from: "", exchange)
        var people: [Person] = []
        for user in found.resources.prefix(peopleMax) {
            people.append(
                Person(
                    name: user.text("displayName").isEmpty ? user.text("userName") : user.text("displayName"),
                    userPath: "/tenants/\(exchange.tenant)/users/\(user.text("id"))",
                    reasons: await reasons(of: user, exchange)
                )
            )
        }
        let absent = people.isEmpty ? try await absence(of: search, exchange) : []
        return exchange.page(
            Content(search: search, people: people, absent: absent, isAbsent: people.isEmpty),
            page
        )
    }

    /// Since when and by whom a user is inactive, as far as the trail tells; empty if it does not.
    private static func deactivation(of id: String, _ exchange: Exchange) async -> String {
        let path = "/tenants/\(exchange.tenant)/story?resource=\(PercentEncoding.encode(id))"
        guard let story = try? await exchange.get(path),
            let record = story.objects("records").first(where: {
                $0.text("SCIM_EVENT") == "user.deactivate" && $0.text("SCIM_OUTCOME") == "success"
            })
        else { return "" }
        let who = record.text("SCIM_ACTOR_TYPE") == "client" ? "the provider" : record.text("SCIM_ACTOR_ID")
        return " since \(TimeText.minute(record.text("SCIM_TIME")))" + (who.isEmpty ? "" : ", by \(who)")
    }

    private static func reasons(of user: JSONObject, _ exchange: Exchange) async -> [Reason] {
        var reasons: [Reason] = []
        if user["active"] == .bool(false) {
            reasons.append(
                Reason(
                    sentence: "The user is inactive\(await deactivation(of: user.text("id"), exchange)).",
                    advice:
                        "In Okta: Directory › People: activate the person, and assign the app. In Entra: Users: Account enabled.",
                    isGood: false
                )
            )
        } else {
            reasons.append(Reason(sentence: "The user is here, and active.", advice: "", isGood: true))
        }
        let groups = user.objects("groups").count
        reasons.append(
            groups == 0
                ? Reason(
                    sentence: "The user is in no group that was pushed.",
                    advice:
                        "In Okta: the app › Push Groups: push a group that this person is in. In Entra: the app › Users and groups.",
                    isGood: false
                )
                : Reason(
                    sentence: "The user is in \(groups) group\(groups == 1 ? "" : "s").",
                    advice: "",
                    isGood: true
                )
        )
        let hasCard = user.members.contains { member in
            guard case .object(let extra) = member.value else { return false }
            return !extra.objects("cards").isEmpty
        }
        reasons.append(
            hasCard
                ? Reason(sentence: "A card is known.", advice: "", isGood: true)
                : Reason(
                    sentence: "No card is known.",
                    advice:
                        "Import the person’s card: Import › Import cards.",
                    isGood: false
                )
        )
        return reasons
    }

    /// What the trail tells of an id that is not here any more; it knows people by their ids alone.
    private static func former(_ id: String, _ exchange: Exchange) async -> Reason? {
        guard id.utf8.count == idCharacters else { return nil }
        let path = "/tenants/\(exchange.tenant)/users/\(PercentEncoding.encode(id))"
        guard let last = await Story.find(exchange, of: id, at: path).events.first else { return nil }
        return Reason(
            sentence:
                "There was somebody with this id. The last that the trail tells, \(last.time): \(last.sentence)",
            advice: "Assign the person again in the provider: it creates a new user.",
            isGood: false,
            storyPath: path
        )
    }

    /// Why somebody may not be here at all.
    private static func absence(
        of search: String,
        _ exchange: Exchange
    ) async throws(ConsoleFault) -> [Reason] {
        let activity = try await exchange.get("/tenants/\(exchange.tenant)/activity")
        let now = exchange.console.environment.now()
        var reasons = [
            Reason(
                sentence: "There is no such user here.",
                advice:
                    "In Okta: the app › Assignments: assign the person or a group that they are in. In Entra: the app › Users and groups.",
                isGood: false
            )
        ]
        if let former = await former(search, exchange) { reasons.append(former) }
        let refused = activity.objects("failures").filter {
            $0.text("method") == "POST" && $0.text("route").hasPrefix("User")
        }
        if let last = refused.max(by: { $0.text("time") < $1.text("time") }) {
            let sentence = ExchangeSentence(last, now: now)
            reasons.append(
                Reason(
                    sentence:
                        "\(refused.count) creations of users were refused, the last like this: \(sentence.text).",
                    advice: sentence.advice,
                    isGood: false
                )
            )
        }
        return reasons
    }
}
