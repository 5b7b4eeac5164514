import HTTP
import JSON

/// A list of users or groups as the server is asked for it.
struct DirectoryQuery: Sendable {
    /// Rows of one page.
    static let rowsMax = 50
    /// Characters of what somebody searches for, and their bytes.
    static let searchCharactersMax = 256
    private static let searchBytesMax = 4 * searchCharactersMax

    /// The endpoint: `Users` or `Groups`.
    let endpoint: String
    let attributes: String

    /// One page of a list.
    struct Found: Sendable {
        let resources: [JSONObject]
        /// Nil if not all were looked at.
        let total: Int?
        /// Where the next and the previous page begin; empty where there is none.
        let next: String
        let previous: String
    }

    /// Looks for what is exactly so first, which an index answers, then for what begins so or contains it.
    ///
    /// `filters`: the filters to try, with the searched text as a JSON string in place of `?`.
    func search(
        _ text: String,
        _ filters: [String],
        from cursor: String,
        _ exchange: Exchange
    ) async throws(ConsoleFault) -> Found {
        guard text.utf8.count <= Self.searchBytesMax, text.count <= Self.searchCharactersMax else {
            throw .invalid("Type at most \(Self.searchCharactersMax) characters.")
        }
        var found = Found(resources: [], total: nil, next: "", previous: "")
        var isRefused = false
        for filter in Self.filters(filters, for: text) {
            do throws(ConsoleFault) {
                found = try await page(filter: filter, from: cursor, exchange)
                isRefused = false
            } catch .refused {
                isRefused = true
                // A page's place is one of the list that it was given with, and of no other.
                guard cursor.isEmpty else { continue }
            }
            if isRefused || !found.resources.isEmpty { break }
        }
        guard !isRefused else {
            throw .invalid(
                cursor.isEmpty
                    ? "There are too many to look at each of them. Type the whole name."
                    : "This page is too old: the list has changed. Begin at its first page."
            )
        }
        return found
    }

    /// The filters with the text in them; none for the whole list.
    private static func filters(_ filters: [String], for text: String) -> [String?] {
        guard !text.isEmpty else { return [nil] }
        var literal: [UInt8] = []
        JSONWriter.appendString(text, to: &literal)
        return filters.map { $0.replacing("?", with: String(decoding: literal, as: UTF8.self)) }
    }

    private func page(
        filter: String?,
        from cursor: String,
        _ exchange: Exchange
    ) async throws(ConsoleFault) -> Found {
        var path =
            "/tenants/\(exchange.tenant)/scim/v2/\(endpoint)?count=\(Self.rowsMax)&attributes=\(attributes)"
        path += "&cursor=\(PercentEncoding.encode(cursor))"
        if let filter { path += "&filter=\(PercentEncoding.encode(filter))" }
        let answer = try await exchange.get(path)
        return Found(
            resources: answer.objects("Resources"),
            total: answer["totalResults"] == nil ? nil : answer.integer("totalResults"),
            next: answer.text("nextCursor"),
            previous: answer.text("previousCursor")
        )
    }
}

/// The links from a page of a list to those beside it.
struct Pager: View {
    let nextPath: String
    let previousPath: String
    let hasAny: Bool

    init(_ path: String, _ search: String, next: String, previous: String) {
        func link(_ cursor: String) -> String {
            guard !cursor.isEmpty else { return "" }
            return "\(path)?q=\(PercentEncoding.encode(search))&from=\(PercentEncoding.encode(cursor))"
        }
        nextPath = link(next)
        previousPath = link(previous)
        hasAny = !next.isEmpty || !previous.isEmpty
    }
}
