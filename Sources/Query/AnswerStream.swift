import Directory
import Locking
import SCIM
import Storage
import Tenancy

/// The answer to a read of one resource with many members, or of a list with such resources, a part at a time.
///
/// ```
/// begin ─► head and first members ─► next ─► members ─► next ─► … ─► last members and the end
///          version told               └── each in a snapshot of its own, if the resource still has that version
/// ```
///
/// No snapshot is held between two parts, however slowly they are taken. The members of a resource are of the version that is told with it,
/// so that the answer breaks off if it is changed or deleted while they are sent; of a list the next resources are as they are by then.
package final class AnswerStream: Sendable {
    private let run: Locked<QueryRun>
    private let tenant: UInt32
    private let directory: ResourceDirectory

    /// Goes on with a run that has begun to write its resource.
    init(_ run: consuming QueryRun, _ directory: ResourceDirectory) {
        tenant = run.query.tenant
        self.directory = directory
        run.isStreamed = true
        _ = run.takeBody()
        self.run = Locked(run)
    }

    /// What comes next, and whether that is the end.
    ///
    /// - Throws: ``DirectoryError/busy`` if the resource is another one by now, and as ``QueryRun/advance(_:share:)``.
    package func next() async throws(DirectoryError) -> (bytes: [UInt8], isLast: Bool) {
        try await directory.inBackground(of: tenant) { () throws(DirectoryError) in
            try self.run.withLock { run throws(DirectoryError) in
                let isLast = try run.advance(.background)
                return (run.takeBody(), isLast)
            }
        }
    }
}

extension ResourceQueries {
    /// Goes on beside the loops until the answer may begin (``QueryRun/canBeStreamed``).
    ///
    /// - Returns: the run, and whether it has written all.
    /// - Throws: as ``finish(_:endsWithTask:)``.
    package func writeHead(
        _ run: consuming QueryRun,
        endsWithTask: Bool
    ) async throws(DirectoryError) -> (QueryRun, isDone: Bool) {
        let tenant = run.query.tenant
        let begun = try await directory.stepping(run, of: tenant, endsWithTask: endsWithTask) {
            run throws(DirectoryError) in
            let isDone = try run.advance(.background)
            run.isWhole = isDone
            return isDone || run.canBeStreamed
        }
        return (begun, begun.isWhole)
    }

    /// The rest of an answer whose head is written.
    package func stream(_ run: consuming QueryRun) -> AnswerStream { AnswerStream(run, directory) }
}
