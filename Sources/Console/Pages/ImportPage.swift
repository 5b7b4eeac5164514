import HTTP
import JSON

/// One import: what the file would change, the confirmation, how far it is, and what became of it.
enum ImportPage {
    struct Outcome: View {
        let name: String
        let number: Int
        let examples: [ImportTally.Example]
        let hasExamples: Bool
        /// Lines that are not named.
        let more: Int
        let hasMore: Bool
    }

    struct Content: View {
        let heading: String
        let fileName: String
        let importPath: String
        let personName: String
        let replaces: Bool
        let progress: String
        let lineCount: Int
        let linesDone: Int
        /// Empty unless something is under way.
        let eventsPath: String
        let isChecking: Bool
        let isChecked: Bool
        let isImporting: Bool
        let isDone: Bool
        let isUnusable: Bool
        let isStopped: Bool
        let isUnderWay: Bool
        let fault: String
        /// Whether the file would change anything.
        let hasChanges: Bool
        /// `3 lines`.
        let linesToChange: String
        let hasFigures: Bool
        let outcomes: [Outcome]
        let refusals: [ImportTally.Refusal]
        let hasRefusals: Bool
        let sentAgain: Int
        let wasSentAgain: Bool
        /// Of users alone: why importing them is not recommended.
        let connection: ProviderConnection?
    }

    /// Refused lines that the page shows; the file has more of them.
    private static let refusalsMax = 20
    /// How often an open page is told how far the import is, and for how long one answer of events waits.
    private static let pollsMax = 20

    private static let gone = Page(
        template: "import-gone",
        title: "This import is not known",
        place: Navigation.imports
    )

    static func path(of one: Import) -> String { "/tenants/\(one.tenant)/imports/\(one.id)" }

    static func title(_ kind: ImportFile.Kind) -> String {
        switch kind {
        case .users: "Import users"
        case .cards: "Import cards"
        }
    }

    static func word(_ stage: Import.Stage) -> String {
        switch stage {
        case .checking: "is being looked at"
        case .checked: "waits for your confirmation"
        case .importing: "is under way"
        case .done: "is done"
        case .unusable: "cannot be imported"
        case .stopped: "was stopped"
        }
    }

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard let own = find(exchange) else {
            return exchange.page(FaultView(sentence: ""), gone, status: .notFound)
        }
        var connection: ProviderConnection?
        if own.stage == .checked, own.kind == .users {
            connection = try await ProviderConnection.find(exchange)
        }
        let page = Page(template: "import", title: title(own.kind), place: Navigation.imports)
        return exchange.page(content(own, connection), page)
    }

    /// Carries an import out whose preview is there: once, however often the form is sent.
    @Sendable static func confirm(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard let own = find(exchange), let person = exchange.session?.person else {
            return exchange.page(FaultView(sentence: ""), gone, status: .notFound)
        }
        let isInsisted = exchange.form["connected"] == "yes"
        if own.stage == .checked, own.kind == .users, !isInsisted,
            try await ProviderConnection.find(exchange) != nil
        {
            throw .invalid(
                "SCIM is connected, so that the identity provider may undo what is imported. Nothing was changed. Go back, "
                    + "and say that you want to import all the same."
            )
        }
        let console = exchange.console
        if console.imports.move(own.id, from: .checked, to: .importing) {
            console.imports.update(own.id) { $0.person = person }
            let run = ImportRun(console, own, for: person)
            Task { await run.carryOut(evenThoughConnected: isInsisted) }
        } else if find(exchange)?.stage == .checked {
            throw .invalid(
                "Another import of this tenant is under way. Nothing was changed. Wait until it is done."
            )
        }
        return ConsoleHandler.redirect(to: path(of: own))
    }

    @Sendable static func discard(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        if let own = find(exchange) {
            if own.stage == .importing {
                _ = try await exchange.post("/tenants/\(exchange.tenant)/import/stop")
            }
            exchange.console.imports.discard(own.id)
        }
        // What was stopped while lines were imported has a report.
        return ConsoleHandler.redirect(
            to: find(exchange).map(path) ?? "/tenants/\(exchange.tenant)/import"
        )
    }

    /// The refused lines as a file.
    @Sendable static func download(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard let own = find(exchange), own.tally.refused > 0 else { throw .notFound }
        var response = Response(
            .ok,
            contentType: "text/csv; charset=utf-8",
            body: RefusedLines.file(own.tally, columns: own.columns, own.separator)
        )
        PageHeaders.add(to: &response)
        response.fields.append(
            (
                FieldName("Content-Disposition"),
                "attachment; filename=\"refused-\(own.kind.rawValue)-\(own.tenant).csv\""
            )
        )
        return response
    }

    /// How far the import is, as server-sent events: one answer, behind which a browser asks again.
    @Sendable static func events(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        guard exchange.console.watchers.begin() else { return EventAnswer.later }
        defer { exchange.console.watchers.end() }
        guard let before = find(exchange) else { throw .notFound }
        let seen = exchange.request.fields[FieldName("Last-Event-ID")] ?? exchange.query("after")
        var own = before
        for _ in 0..<pollsMax where own.stage.isUnderWay && mark(own) == seen {
            guard await exchange.console.watchers.sleep(), let now = find(exchange) else { break }
            own = now
        }
        var text = "retry: 1000\nid: \(mark(own))\n"
        if !own.stage.isUnderWay {
            text += "event: changed\ndata: {}\n"
        } else if mark(own) != seen {
            text += EventAnswer.lines([
                ("texts", EventAnswer.texts("progress", progress(own))),
                ("done", .number(JSONNumber(own.tally.lines))),
            ])
        }
        return EventAnswer.make(text)
    }

    private static func find(_ exchange: Exchange) -> Import? {
        exchange.console.imports.find(
            exchange.parameters["id"] ?? "",
            of: exchange.tenant,
            exchange.tenantCreated
        )
    }

    /// Differs whenever there is something new to tell.
    private static func mark(_ own: Import) -> String {
        "\(own.stage.isUnderWay ? "" : "end.")\(own.lineCount).\(own.tally.lines)\(own.isWaiting ? ".waiting" : "")"
    }

    private static func progress(_ own: Import) -> String {
        guard own.lineCount > 0 else { return "The file is being read." }
        let lines = "\(own.tally.lines) of \(own.lineCount) lines"
        let verb = own.stage == .importing ? "imported" : "looked at"
        guard own.isWaiting else { return "\(lines) \(verb)." }
        return "\(lines) \(verb). The server does not answer at the moment, and is asked again."
    }

    private static func content(_ own: Import, _ connection: ProviderConnection?) -> Content {
        let tally = own.tally
        func outcome(_ name: String, _ number: Int, _ examples: [ImportTally.Example]) -> Outcome {
            Outcome(
                name: name,
                number: number,
                examples: examples,
                hasExamples: !examples.isEmpty,
                more: number - examples.count,
                hasMore: number > examples.count
            )
        }
        let changes = tally.created + tally.updated
        var (fault, isUnusable) = ("", false)
        switch own.stage {
        case .unusable(let sentence): (fault, isUnusable) = (sentence, true)
        case .stopped(let sentence): fault = sentence
        case .checking, .checked, .importing, .done: break
        }
        var outcomes = [outcome("Unchanged", tally.unchanged, tally.unchangedLines)]
        switch own.kind {
        case .users:
            outcomes =
                [
                    outcome("Created", tally.created, tally.createdLines),
                    outcome("Updated", tally.updated, tally.updatedLines),
                ] + outcomes
        case .cards:
            outcomes = [outcome("Cards given or changed", tally.updated, tally.updatedLines)] + outcomes
        }
        return Content(
            heading: title(own.kind),
            fileName: own.fileName,
            importPath: path(of: own),
            personName: own.person.name,
            replaces: own.replaces,
            progress: progress(own),
            lineCount: own.lineCount,
            linesDone: tally.lines,
            eventsPath: own.stage.isUnderWay ? "\(path(of: own))/events?after=\(mark(own))" : "",
            isChecking: own.stage == .checking,
            isChecked: own.stage == .checked,
            isImporting: own.stage == .importing,
            isDone: own.stage == .done,
            isUnusable: isUnusable,
            isStopped: !fault.isEmpty && !isUnusable,
            isUnderWay: own.stage.isUnderWay,
            fault: fault,
            hasChanges: changes > 0,
            linesToChange: changes == 1 ? "1 line" : "\(changes) lines",
            hasFigures: tally.lines > 0,
            outcomes: outcomes,
            refusals: Array(tally.refusals.prefix(refusalsMax)),
            hasRefusals: tally.refused > 0,
            sentAgain: own.linesSentAgain,
            wasSentAgain: own.linesSentAgain > 0,
            connection: connection
        )
    }
}
