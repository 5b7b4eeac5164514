import CLMDB
import Glibc
import Storage

/// Writes a data file anew without its free pages, while nobody has the store open.
package enum StoreCompaction {
    /// What that came to, in bytes.
    package struct Outcome: Sendable {
        package let bytesBefore: Int
        package let bytesAfter: Int
    }

    private static let newName = "data.mdb.new"

    /// Compacts the data file of a store; the log stays as it is.
    ///
    /// The new file is written beside the old one, which has its name until the new one is whole and durable: the disk needs room for both.
    /// - Parameters:
    ///   - path: the store's folder.
    ///   - configuration: sizes and limits.
    /// - Returns: what that came to.
    /// - Throws: ``StoreError/inUse(holder:)`` if somebody has the store open, ``StoreError/full`` if there is no room for the new file;
    ///   the store is as it was then.
    package static func compact(
        path: String,
        configuration: LMDBStore.Configuration = .init()
    ) throws(StoreError) -> Outcome {
        let folder = try StoreFolder(path: path)
        let new = path + "/" + newName
        let environment = try Environment(folder: path, mapBytes: configuration.mapBytes, readersMax: 1)
        do throws(StoreError) {
            try copy(environment, to: new)
        } catch {
            environment.close()
            // What was written in vain gives its room back.
            _ = unsafe unlink(new)
            throw error
        }
        environment.close()
        let data = path + "/data.mdb"
        let before = try size(of: data)
        let after = try size(of: new)
        guard unsafe rename(new, data) == 0 else { throw .system(code: errno) }
        try folder.syncNames()
        return Outcome(bytesBefore: before, bytesAfter: after)
    }

    private static func copy(_ environment: Environment, to path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, StoreFolder.fileMode)
        guard descriptor >= 0 else { throw .system(code: errno) }
        defer { close(descriptor) }
        // The environment is open, and the descriptor until the end of this.
        let flags = CUnsignedInt(MDB_CP_COMPACT)
        try StoreError.check(unsafe mdb_env_copyfd2(environment.pointer, descriptor, flags))
        guard fsync(descriptor) == 0 else { throw .system(code: errno) }
    }

    private static func size(of path: String) throws(StoreError) -> Int {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .system(code: errno) }
        return Int(status.st_size)
    }
}
