import HTTP
import JSON
import Locking

/// Sends a file to the server, batch by batch: first as a dry run, and once it is confirmed to be carried out.
struct ImportRun: Sendable {
    let store: ImportStore
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
    /// How often it is looked whether one of the places is free.
    private static let placeInterval = Duration.milliseconds(500)
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
        while !store.begin() { try? await Task.sleep(for: Self.placeInterval) }
        defer { store.end() }
        guard let file = store.find(id, of: tenant)?.file else { throw ImportFault("The file is gone.") }
        let tables = tables
        let table = try await reading { () throws(ImportFault) in try tables.open(file) }
        store.update(id) { own in
            own.columns = table.columns
            own.lineCount = table.lineCount
        }
        var options: [JSONObject.Member] = [
            .init(name: "dryRun", value: .bool(isDryRun)),
            .init(name: "columns", value: .array(table.columns.map(JSONValue.string))),
        ]
        switch file.kind {
        case .users:
            options.append(.init(name: "evenThoughScimIsConnected", value: .bool(evenThoughConnected)))
        case .cards: options.append(.init(name: "replace", value: .bool(file.replaces)))
        }
        let path = "/tenants/\(tenant)/import/\(file.kind.rawValue)"
        var isEmpty = true
        while let batch = try await reading({ () throws(ImportFault) in try table.next() }) {
            var report = JSONObject()
            if !batch.lines.isEmpty {
                isEmpty = false
                let lines = JSONObject.Member(name: "lines", value: .array(batch.lines))
                report = try await send(path, JSONObject(uniqueMembers: options + [lines]), batch)
            }
            store.update(id) { $0.tally.add(batch, report, userColumns: table.userColumns) }
        }
        guard isEmpty, table.lineCount == 0 else { return }
        throw ImportFault("The file has a head and no line.")
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
        _ body: JSONObject,
        _ batch: ImportLines
    ) async throws(ImportFault) -> JSONObject {
        for attempt in 0...Self.retriesMax {
            do throws(ConsoleFault) {
                let report = try await backend.send(.post, path, body, for: person)
                if attempt > 0 {
                    store.update(id) { own in
                        own.isWaiting = false
                        own.linesSentAgain += batch.lines.count
                    }
                }
                return report
            } catch .unreachable {
                store.update(id) { $0.isWaiting = true }
                try? await Task.sleep(for: retryInterval)
            } catch {
                throw ImportFault("\(error)")
            }
        }
        throw ImportFault("\(ConsoleFault.unreachable)")
    }
}
