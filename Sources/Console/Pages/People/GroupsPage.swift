import HTTP
import JSON

/// The groups of a tenant.
enum GroupsPage {
    struct Row: View {
        let id: String
        let display: String
    }

    static let page = Page(template: "groups", title: "Groups", place: Navigation.groups)

    private static let query = DirectoryQuery(endpoint: "Groups", attributes: "displayName")
    private static let filters = ["displayName eq ?", "displayName co ?"]

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let search = exchange.query("q")
        let found = try await query.search(search, filters, from: exchange.query("from"), exchange)
        let content = ListContent(found, of: "/tenants/\(exchange.tenant)/groups", search: search) { group in
            Row(id: group.text("id"), display: group.text("displayName"))
        }
        return exchange.page(content, page)
    }
}

/// One group, with its members a page at a time.
enum GroupPage {
    struct MemberRow: View {
        let name: String
        /// Empty for a member that has no page.
        let path: String
        let type: String
    }

    struct Content: View {
        let heading: String
        let fields: [UserPage.Field]
        let members: [MemberRow]
        let hasMembers: Bool
        let pager: Pager
        let story: Story
    }

    static let page = Page(template: "group", title: "Group", place: Navigation.groups)

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let id = PercentEncoding.encode(exchange.parameters["id"] ?? "")
        let path = "/tenants/\(exchange.tenant)"
        guard let group = try await exchange.find("\(path)/scim/v2/Groups/\(id)?excludedAttributes=members")
        else { return try await GonePage.show(exchange, place: "groups") }
        let answer = try await exchange.get(
            "\(path)/groups/\(id)/members?from=\(PercentEncoding.encode(exchange.query("from")))"
        )
        let members = answer.objects("members").map { member in
            let (value, type) = (member.text("value"), member.text("type"))
            let place = type == "User" ? "users" : type == "Group" ? "groups" : ""
            return MemberRow(
                name: member.text("display").isEmpty ? value : member.text("display"),
                path: place.isEmpty ? "" : "\(path)/\(place)/\(value)",
                type: type
            )
        }
        let story = await Story.find(
            exchange,
            of: exchange.parameters["id"] ?? "",
            at: "\(path)/groups/\(id)"
        )
        return exchange.page(
            Content(
                heading: group.text("displayName"),
                fields: ResourceFields.fields(of: group, owner: "SCIM", owners: story.owners),
                members: members,
                hasMembers: !members.isEmpty,
                pager: Pager("\(path)/groups/\(id)", "", next: answer.text("next"), previous: ""),
                story: story
            ),
            page
        )
    }
}
