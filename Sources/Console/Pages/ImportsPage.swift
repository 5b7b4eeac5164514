import HTTP
import JSON

/// Where a file is uploaded, and which imports there are.
enum ImportsPage {
    struct Row: View {
        let path: String
        let title: String
        let fileName: String
        let state: String
        let personName: String
        let began: String
    }

    struct Content: View {
        let connection: ProviderConnection?
        let sizeMax: String
        let imports: [Row]
        let hasImports: Bool
    }

    static let page = Page(template: "imports", title: "Import", place: Navigation.imports)

    /// Characters of a file's name that pages show.
    private static let nameMax = 120

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let now = exchange.console.environment.now()
        let rows = exchange.console.imports.all(of: exchange.tenant, exchange.tenantCreated).map { one in
            Row(
                path: ImportPage.path(of: one),
                title: ImportPage.title(one.kind),
                fileName: one.fileName,
                state: ImportPage.word(one.stage),
                personName: one.person.name,
                began: "\(TimeText.span(seconds: (now - one.began) / 1_000_000)) ago"
            )
        }
        return exchange.page(
            Content(
                connection: try await ProviderConnection.find(exchange),
                sizeMax: "\(ImportStore.fileBytesMax >> 20) MiB",
                imports: rows,
                hasImports: !rows.isEmpty
            ),
            page
        )
    }

    /// Takes a file, and begins to look at its lines; nothing is changed by it.
    @Sendable static func upload(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        if let new = try await exchange.once({ () throws(ConsoleFault) in try take(exchange) }) {
            let person = new.person
            let run = ImportRun(exchange.console, new, for: person)
            Task { await run.check() }
            return ConsoleHandler.redirect(to: ImportPage.path(of: new))
        }
        // Sent before: what it led to is still there, or the list tells that it is not.
        let before = exchange.console.imports.all(of: exchange.tenant, exchange.tenantCreated)
            .first { $0.formNumber == exchange.form["number"] }
        return ConsoleHandler.redirect(
            to: before.map(ImportPage.path) ?? "/tenants/\(exchange.tenant)/import"
        )
    }

    /// Takes the file that the form has sent.
    private static func take(_ exchange: Exchange) throws(ConsoleFault) -> Import {
        let console = exchange.console
        guard let kind = ImportFile.Kind(rawValue: exchange.form["kind"]),
            let separator = ImportFile.Separator(rawValue: exchange.form["separator"]),
            let person = exchange.session?.person
        else { throw .invalid("Choose what is imported, and what separates the cells.") }
        guard let chosen = exchange.form.file("file"), !chosen.content.isEmpty else {
            throw .invalid("Choose a file. An empty one cannot be imported.")
        }
        guard chosen.content.count <= ImportStore.fileBytesMax else { throw .tooLarge }
        let file = ImportFile(
            kind: kind,
            separator: separator,
            replaces: kind == .cards && exchange.form["replace"] == "yes",
            name: String(chosen.name.prefix(nameMax)),
            content: chosen.content
        )
        let new = Import(
            id: String(console.environment.secret().prefix(32)),
            tenant: exchange.tenant,
            kind: kind,
            fileName: file.name,
            separator: separator,
            tenantCreated: exchange.tenantCreated,
            replaces: file.replaces,
            person: person,
            formNumber: exchange.form["number"],
            began: console.environment.now(),
            file: file
        )
        try console.imports.add(new)
        return new
    }
}

extension ImportRun {
    init(_ console: ConsoleHandler, _ own: Import, for person: Person) {
        self.init(
            store: console.imports,
            turns: console.importTurns,
            tables: console.tables,
            backend: console.backend,
            background: console.environment.background,
            id: own.id,
            tenant: own.tenant,
            person: person
        )
    }
}

/// Whether an identity provider keeps a tenant's users, so that importing users beside it is not recommended.
struct ProviderConnection: View {
    /// `Okta used its token 12 s ago`, or that a token is there which was not used yet.
    let evidence: String

    /// Nil if no token is live, or SCIM is not enabled.
    static func find(_ exchange: Exchange) async throws(ConsoleFault) -> ProviderConnection? {
        guard try await exchange.tenantSummary().flag("scimEnabled") else { return nil }
        let now = exchange.console.environment.now()
        let answer = try await exchange.get("/tenants/\(exchange.tenant)/tokens")
        let tokens = TenantTokens(answer, now: now)
        guard !tokens.live.isEmpty else { return nil }
        let used = tokens.live.first { !$0.lastUse.isEmpty }
        return ProviderConnection(
            evidence: used.map { "The token was last used \($0.lastUse)." }
                ?? "There is a token, which has not been used yet."
        )
    }
}
