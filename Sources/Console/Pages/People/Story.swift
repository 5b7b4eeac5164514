import HTTP
import JSON

/// What the audit trail tells of a resource, on its page: every change as a sentence, the newest first.
struct Story: View {
    struct Row: View {
        let time: String
        let sentence: String
        let origin: String
        let isFailure: Bool
        let recordPath: String
    }

    let events: [Row]
    let hasEvents: Bool
    /// Where it was read: in the journal, or among what the server keeps for a day.
    let isOfJournal: Bool
    /// Why it cannot be shown; empty if it is.
    let trouble: String
    let earlierPath: String
    let isEarlier: Bool
    /// Who set attributes last, by their paths without sub-attributes, as far as the records of this page tell.
    let owners: [String: String]

    /// Reads a page of it.
    ///
    /// `path`: the resource's own page. A trail that cannot be read leaves the rest of the page as it is.
    static func find(_ exchange: Exchange, of id: String, at path: String) async -> Story {
        let before = exchange.query("before")
        var question = "/tenants/\(exchange.tenant)/story?resource=\(PercentEncoding.encode(id))"
        if !before.isEmpty { question += "&before=\(PercentEncoding.encode(before))" }
        let answer: JSONObject
        do throws(ConsoleFault) { answer = try await exchange.get(question) } catch {
            return Story(
                events: [],
                hasEvents: false,
                isOfJournal: true,
                trouble: "\(error)",
                earlierPath: "",
                isEarlier: false,
                owners: [:]
            )
        }
        let events = answer.objects("records").map { record in
            let sentence = RecordSentence(record, in: id)
            let place = PercentEncoding.encode(record.text("place"))
            return Row(
                time: TimeText.minute(record.text("SCIM_TIME")),
                sentence: sentence.text,
                origin: sentence.origin,
                isFailure: sentence.isFailure,
                recordPath: "/tenants/\(exchange.tenant)/records/\(PercentEncoding.encode(id))/\(place)"
            )
        }
        let next = answer.text("next")
        return Story(
            events: events,
            hasEvents: !events.isEmpty,
            isOfJournal: answer.text("source") == "journal",
            trouble: "",
            earlierPath: next.isEmpty ? "" : "\(path)?before=\(PercentEncoding.encode(next))#story",
            isEarlier: !before.isEmpty,
            // An earlier page does not know what came later.
            owners: before.isEmpty ? owners(answer.objects("records"), of: id) : [:]
        )
    }

    /// The newest successful record that names an attribute tells whose it is.
    private static func owners(_ records: [JSONObject], of id: String) -> [String: String] {
        var owners: [String: String] = [:]
        for record in records
        where record.text("SCIM_TARGET_ID") == id && record.text("SCIM_OUTCOME") == "success" {
            let owner =
                switch record.text("SCIM_ACTOR_TYPE") {
                case "client": "SCIM"
                case "admin": "import (\(record.text("SCIM_ACTOR_ID")))"
                default: ""
                }
            guard !owner.isEmpty else { continue }
            for path in record.texts("SCIM_ATTR") {
                let root = ResourceFields.root(of: path)
                if owners[root] == nil { owners[root] = owner }
            }
        }
        return owners
    }
}
