import HTTP

/// The story of a user or group that is not there any more.
enum GonePage {
    struct Content: View {
        let goneID: String
        let isUser: Bool
        let story: Story
    }

    private static let page = Page(template: "gone", title: "Not here any more")

    /// `place`: `users` or `groups`.
    ///
    /// - Throws: ``ConsoleFault/notFound`` if the trail tells nothing of the id either, or cannot be read.
    static func show(_ exchange: Exchange, place: String) async throws(ConsoleFault) -> Response {
        let id = exchange.parameters["id"] ?? ""
        let path = "/tenants/\(exchange.tenant)/\(place)/\(PercentEncoding.encode(id))"
        let story = await Story.find(exchange, of: id, at: path)
        guard story.hasEvents || story.isEarlier else { throw .notFound }
        return exchange.page(
            Content(goneID: id, isUser: place == "users", story: story),
            page,
            status: .notFound
        )
    }
}
