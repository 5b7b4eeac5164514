import HTTP
import JSON

/// One record of the trail, field by field.
enum RecordPage {
    struct Field: View {
        let name: String
        let value: String
    }

    struct Content: View {
        let sentence: String
        /// The page of the resource in whose story the record is.
        let backPath: String
        let fields: [Field]
    }

    static let page = Page(template: "record", title: "Audit record")

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let id = exchange.parameters["id"] ?? ""
        let place = PercentEncoding.encode(exchange.parameters["place"] ?? "")
        let path = "/tenants/\(exchange.tenant)/story?resource=\(PercentEncoding.encode(id))&record=\(place)"
        guard let record = try await exchange.get(path).objects("records").first else { throw .notFound }
        var fields: [Field] = []
        for member in record.members where member.name != "place" {
            switch member.value {
            case .string(let text): fields.append(Field(name: member.name, value: text))
            case .array: fields += record.texts(member.name).map { Field(name: member.name, value: $0) }
            default: break
            }
        }
        // A group has a story of its own; a record of a group in another story is in a member's, as a rule a user's.
        let isGroups = record.text("SCIM_TARGET_ID") == id && record.text("SCIM_TARGET_TYPE") == "Group"
        let content = Content(
            sentence: RecordSentence(record, in: id).text,
            backPath:
                "/tenants/\(exchange.tenant)/\(isGroups ? "groups" : "users")/\(PercentEncoding.encode(id))#story",
            fields: fields
        )
        return exchange.page(content, page)
    }
}
