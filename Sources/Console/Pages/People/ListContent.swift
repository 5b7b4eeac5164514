import JSON

/// What the page of a list shows: users or groups.
struct ListContent<Row: View>: View {
    let search: String
    let rows: [Row]
    let hasRows: Bool
    /// How many there are in all; empty if that is not known.
    let total: String
    let pager: Pager

    /// `path`: the list's own; `row`: what a row shows of a resource.
    init(_ found: DirectoryQuery.Found, of path: String, search: String, _ row: (JSONObject) -> Row) {
        self.search = search
        rows = found.resources.map(row)
        hasRows = !found.resources.isEmpty
        total = found.total.map { "\($0)" } ?? ""
        pager = Pager(path, search, next: found.next, previous: found.previous)
    }
}
