import HTTP
import JSON

/// The users of a tenant.
enum UsersPage {
    struct Row: View {
        let id: String
        let userName: String
        let display: String
        let mail: String
        let isActive: Bool
    }

    static let page = Page(template: "users", title: "Users", place: Navigation.users)

    private static let query = DirectoryQuery(
        endpoint: "Users",
        attributes: "userName,displayName,name.formatted,active,emails.value"
    )
    static let filters = [
        "userName eq ? or externalId eq ?", "userName sw ? or displayName co ? or emails.value sw ?",
    ]

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let search = exchange.query("q")
        let found = try await query.search(search, filters, from: exchange.query("from"), exchange)
        let content = ListContent(found, of: "/tenants/\(exchange.tenant)/users", search: search) { user in
            Row(
                id: user.text("id"),
                userName: user.text("userName"),
                display: user.text("displayName").isEmpty
                    ? user.object("name").text("formatted") : user.text("displayName"),
                mail: user.objects("emails").first?.text("value") ?? "",
                isActive: user["active"] != .bool(false)
            )
        }
        return exchange.page(content, page)
    }
}

/// One user: what is stored of it, who owns that, and its groups.
enum UserPage {
    struct Field: View {
        let name: String
        let value: String
        let owner: String
    }

    struct GroupRow: View {
        let groupID: String
        let groupName: String
    }

    struct Content: View {
        let heading: String
        let isActive: Bool
        let fields: [Field]
        let groups: [GroupRow]
        let hasGroups: Bool
        let hasMoreGroups: Bool
        let story: Story
    }

    /// Groups that the page names.
    private static let groupsMax = 200
    /// Fields that the page shows; of a user with more, the first.
    private static let fieldsMax = 300

    static let page = Page(template: "user", title: "User", place: Navigation.users)

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let id = exchange.parameters["id"] ?? ""
        let found = try await exchange.find(
            "/tenants/\(exchange.tenant)/scim/v2/Users/\(PercentEncoding.encode(id))"
        )
        guard let user = found else { return try await GonePage.show(exchange, place: "users") }
        let tenant = try await exchange.tenantSummary()
        let clients = tenant.texts("clients").map(ClientName.title)
        let owner = clients.isEmpty ? "SCIM or import" : "SCIM (\(clients.joined(separator: ", ")))"
        let groups = user.objects("groups")
        let story = await Story.find(exchange, of: id, at: "/tenants/\(exchange.tenant)/users/\(id)")
        let heading = user.text("displayName").isEmpty ? user.text("userName") : user.text("displayName")
        return exchange.page(
            Content(
                heading: heading,
                isActive: user["active"] != .bool(false),
                fields: Array(
                    ResourceFields.fields(of: user, owner: owner, owners: story.owners).prefix(fieldsMax)
                ),
                groups: groups.prefix(groupsMax).map {
                    GroupRow(groupID: $0.text("value"), groupName: $0.text("display"))
                },
                hasGroups: !groups.isEmpty,
                hasMoreGroups: groups.count > groupsMax,
                story: story
            ),
            page
        )
    }
}

/// A resource's values, one by one, each with who owns it.
enum ResourceFields {
    private static let hidden: Set = ["schemas", "groups", "members", "meta", "id"]
    private static let cards = "cards"

    /// `owner`: whose values are of which the trail does not tell; `owners`: of which it does, by their paths.
    static func fields(
        of resource: JSONObject,
        owner: String,
        owners: [String: String]
    ) -> [UserPage.Field] {
        var fields = [UserPage.Field(name: "id", value: resource.text("id"), owner: "this service")]
        for member in resource.members where !hidden.contains(member.name) {
            guard case .object(let object) = member.value, member.name.contains(":") else {
                append(member.value, member.name, owner: owners[member.name] ?? owner, to: &fields)
                continue
            }
            // Of an extension's URN the last part says enough.
            let short = member.name.split(separator: ":").last.map(String.init) ?? member.name
            for inner in object.members {
                let own = owners["\(member.name):\(inner.name)"] ?? owner
                append(
                    inner.value,
                    "\(short).\(inner.name)",
                    owner: inner.name == cards ? "import of cards" : own,
                    to: &fields
                )
            }
        }
        let meta = resource.object("meta")
        for name in ["created", "lastModified"] {
            fields.append(.init(name: name, value: TimeText.minute(meta.text(name)), owner: "this service"))
        }
        return fields
    }

    /// The attribute of a path in a record, without sub-attribute and filter; an extension's with its URN.
    static func root(of path: String) -> String {
        let start = path.hasPrefix("urn:") ? path.lastIndex(of: ":") ?? path.startIndex : path.startIndex
        let end = path[start...].firstIndex { $0 == "." || $0 == "[" } ?? path.endIndex
        return String(path[..<end])
    }

    private static func append(
        _ value: JSONValue,
        _ name: String,
        owner: String,
        to fields: inout [UserPage.Field]
    ) {
        switch value {
        case .object(let object):
            for member in object.members {
                append(member.value, "\(name).\(member.name)", owner: owner, to: &fields)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                append(element, "\(name)[\(index + 1)]", owner: owner, to: &fields)
            }
        case .string(let text): fields.append(.init(name: name, value: text, owner: owner))
        case .bool(let flag): fields.append(.init(name: name, value: flag ? "yes" : "no", owner: owner))
        case .number(let number): fields.append(.init(name: name, value: number.text, owner: owner))
        case .null: break
        }
    }
}
