import Directory
import Storage
import Tenancy

/// The queries of a directory's resources, and what they share.
package struct ResourceQueries: Sendable {
    let directory: ResourceDirectory
    let cursorKeyCache = CursorKeyCache()
    private let sortMemory = SortMemory()

    package init(_ directory: ResourceDirectory) { self.directory = directory }

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
            sortMemory: sortMemory
        )
    }
}
