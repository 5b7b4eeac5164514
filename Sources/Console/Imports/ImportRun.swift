import HTTP
import JSON
import Locking

/// Sends a file to the server, batch by batch: first as a dry run, and once it is confirmed to be carried out.
struct ImportRun: Sendable {
    let store: ImportStore
    let turns: ImportTurns
    let tables: any ImportTables
    let backend: any ConsoleBackend
    let background: any BackgroundWork
    let id: String
    let tenant: String
    /// For whom it is done, as the audit trail names them.
    let person: Person
    /// How long it is waited before a batch is sent again.
    var retryInterval = Duration.seconds(2)

    /// How often a batch is sent again while the server does not answer: for a minute.
    ///
    /// A line that was imported although its answer was lost changes nothing the second time.
    static let retriesMax = 30
    /// On whose account files are read, beside the commands to the server.
    private static let account: UInt32 = 1

    /// Looks at every line and changes nothing.
    func check() async {
        do throws(ImportFault) {
            try await run(isDryRun: true, evenThoughConnected: true)
            _ = store.move(id, from: .checking, to: .checked)
        } catch {
            end(.unusable("\(error)"))
        }
    }

    /// Carries the import out, for whoever confirmed it.
    func carryOut(evenThoughConnected: Bool) async {
        store.update(id) { $0.tally = ImportTally() }
        do throws(ImportFault) {
            try await run(isDryRun: false, evenThoughConnected: evenThoughConnected)
            end(.done)
        } catch {
            end(.stopped("\(error)"))
        }
    }

    private func end(_ stage: Import.Stage) {
        store.update(id) { own in
            own.stage = stage
            own.file = nil
            own.isWaiting = false
        }
    }

    private func run(isDryRun: Bool, evenThoughConnected: Bool) async throws(ImportFault) {
        guard let own = store.find(id), let file = own.file else {
            throw ImportFault("The file is gone.")
        }
        let tables = tables
        let table = try await turns.hold(tenant) { () throws(ImportFault) in
            try await reading { () throws(ImportFault) in try tables.open(file) }
        }
        store.update(id) { own in
            own.columns = table.columns
            own.lineCount = table.lineCount
        }
        var options: [JSONObject.Member] = [
            .init(name: "dryRun", value: .bool(isDryRun)),
            .init(name: "columns", value: .array(table.columns.map(JSONValue.string))),
            .init(name: "tenantCreated", value: .string(own.tenantCreated)),
        ]
        switch file.kind {
        case .users:
            options.append(.init(name: "evenThoughScimIsConnected", value: .bool(evenThoughConnected)))
        case .cards: options.append(.init(name: "replace", value: .bool(file.replaces)))
        }
        let path = "/tenants/\(tenant)/import/\(file.kind.rawValue)"
        guard table.lineCount > 0 else { throw ImportFault("The file has a head and no line.") }
        // Without lines: whether the head is taken, and that somebody imports.
        let first = JSONObject.Member(name: "first", value: .bool(true))
        _ = try await send(path, options + [first], lines: [])
        while let batch = try await reading({ () throws(ImportFault) in try table.next() }) {
            var report = JSONObject()
            if !batch.lines.isEmpty { report = try await send(path, options, lines: batch.lines) }
            store.update(id) { $0.tally.add(batch, report, userColumns: table.userColumns) }
        }
    }

    /// Reads on beside the loops.
    private func reading<Result: Sendable>(
        _ body: @escaping @Sendable () throws(ImportFault) -> Result
    ) async throws(ImportFault) -> Result {
        let result = await background.run(for: Self.account) { () -> Swift.Result<Result, ImportFault> in
            do throws(ImportFault) { return .success(try body()) } catch { return .failure(error) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let fault): throw fault
        case nil: throw ImportFault("The console has too much to do. Try again in a moment.")
        }
    }

    /// Sends a batch, again and again while the server does not answer.
    private func send(
        _ path: String,
        _ options: [JSONObject.Member],
        lines: [JSONValue]
    ) async throws(ImportFault) -> JSONObject {
        let body = JSONObject(uniqueMembers: options + [.init(name: "lines", value: .array(lines))])
        for attempt in 0...Self.retriesMax {
            guard store.isWanted(id) else { throw ImportFault("Somebody has stopped it.") }
            if let report = try await turns.hold(
                tenant,
                { () throws(ImportFault) in try await ask(path, body) }
            ) {
                if attempt > 0 {
                    store.update(id) { own in
                        own.isWaiting = false
                        own.linesSentAgain += lines.count
                    }
                }
                return report
            }
            store.update(id) { $0.isWaiting = true }
            try? await Task.sleep(for: retryInterval)
        }
        throw ImportFault("\(ConsoleFault.unreachable)")
    }

    /// Sends a batch once; nil if the server does not answer.
    private func ask(_ path: String, _ body: JSONObject) async throws(ImportFault) -> JSONObject? {
        do throws(ConsoleFault) { return try await backend.send(.post, path, body, for: person) } catch {
            if error == .unreachable { return nil }
            throw ImportFault("\(error)")
        }
    }
}
