import Directory
import Locking
import SCIM
import Storage
import Tenancy

/// The queries of a directory's resources, and what they share.
package struct ResourceQueries: Sendable {
    let directory: ResourceDirectory
    let cursorKeyCache = CursorKeyCache()
    private let sortMemory = QueryMemory.ofPlaces()
    private let answerMemory = QueryMemory.ofAnswers()

    /// What the steps of one query together may cost, in units of ``WorkBudget``.
    private let workMax: Int

    package init(_ directory: ResourceDirectory, workMax: Int = FilterLimits.workMax) {
        self.directory = directory
        self.workMax = workMax
    }

    var environment: DirectoryEnvironment { directory.environment }

    /// Starts to answer a query; nothing is read before ``QueryRun/advance()``.
    ///
    /// `left`: for the answer to a change, the one resource asked for as the change has left it.
    package func run(_ query: ResourceQuery, left: ChangedResource? = nil) -> QueryRun {
        QueryRun(
            query,
            left: left,
            store: directory.store,
            environment: environment,
            sortMemory: sortMemory,
            answerMemory: answerMemory,
            total: WorkBudget(workMax)
        )
    }

    /// Runs a query to its end, whoever waits for it: in one step on the loop, or beside the loops.
    ///
    /// - Throws: as ``QueryRun/advance(_:)``; ``DirectoryError/busy`` if too much of the tenant's waits already.
    package func answer(
        _ query: ResourceQuery,
        left: ChangedResource? = nil
    ) async throws(DirectoryError) -> QueryRun {
        var run = self.run(query, left: left)
        do throws(DirectoryError) {
            if try run.advance(.loop) { return run }
        } catch .tooLongForLoop {
            run = self.run(query, left: left)
        }
        return try await finish(run, endsWithTask: false)
    }

    /// Takes the steps that are left beside the loops.
    ///
    /// `endsWithTask`: whether nobody waits for the answer once the task is cancelled.
    /// - Throws: as ``answer(_:left:)``; ``DirectoryError/busy`` if the task is cancelled and the query ends with it.
    package func finish(
        _ run: consuming QueryRun,
        endsWithTask: Bool
    ) async throws(DirectoryError) -> QueryRun {
        let tenant = run.query.tenant
        let steps = QuerySteps(run)
        while true {
            guard !endsWithTask || !Task.isCancelled else { throw .busy }
            let isDone = try await directory.inBackground(of: tenant) { () throws(DirectoryError) in
                try steps.advance()
            }
            if isDone { return steps.finish() }
        }
    }
}

/// A run that is moved on by one thread after another, without being copied.
private final class QuerySteps: Sendable {
    private let run: Locked<QueryRun>

    init(_ run: consuming QueryRun) { self.run = Locked(run) }

    /// Takes a step; true after the last one.
    func advance() throws(DirectoryError) -> Bool {
        try run.withLock { run throws(DirectoryError) in try run.advance(.background) }
    }

    func finish() -> QueryRun { run.withLock { $0 } }
}
