import CLMDB
import Glibc
import Storage

/// An open LMDB environment with its one table.
///
/// Default flags, so that a commit that returned 0 survives a power cut, plus MDB_NOTLS, so that a read
/// transaction may be used by one thread after the other. Never WRITEMAP: on a full disk it is a SIGBUS.
///
/// `@unchecked Sendable`: LMDB locks what threads share inside an environment.
@safe
final class Environment: @unchecked Sendable {
    /// Valid from the end of `init` to ``close()``, which the store calls when no transaction is open.
    let pointer: OpaquePointer
    let table: MDB_dbi
    let folder: String

    /// Opens, and creates if need be, the data file in a folder whose lock the caller holds.
    init(folder: String, mapBytes: Int, readersMax: Int) throws(StoreError) {
        self.folder = folder
        var opened: OpaquePointer?
        try StoreError.check(unsafe mdb_env_create(&opened))
        guard let pointer = unsafe opened else { throw .system(code: EINVAL) }
        do throws(StoreError) {
            // From here on `pointer` lives until mdb_env_close, here or in close().
            try StoreError.check(unsafe mdb_env_set_mapsize(pointer, mapBytes))
            try StoreError.check(unsafe mdb_env_set_maxreaders(pointer, CUnsignedInt(readersMax)))
            let flags = CUnsignedInt(MDB_NOTLS)
            try StoreError.check(unsafe mdb_env_open(pointer, folder, flags, StoreFolder.fileMode))
            // A process that was killed leaves its readers in the lock file; they would keep old pages alive.
            var staleReaders: CInt = 0
            try StoreError.check(unsafe mdb_reader_check(pointer, &staleReaders))
            table = try unsafe Environment.openTable(pointer)
        } catch {
            unsafe mdb_env_close(pointer)
            throw error
        }
        unsafe self.pointer = pointer
    }

    /// Closes the files; no transaction may be open, and none may be begun.
    func close() {
        // The store calls this once, after its commit thread and its readers have ended.
        unsafe mdb_env_close(pointer)
    }

    private static func openTable(_ pointer: OpaquePointer) throws(StoreError) -> MDB_dbi {
        var transaction: OpaquePointer?
        try StoreError.check(unsafe mdb_txn_begin(pointer, nil, CUnsignedInt(MDB_RDONLY), &transaction))
        var table: MDB_dbi = 0
        // The transaction lives until the commit, which makes the handle known to later transactions.
        let opened = unsafe mdb_dbi_open(transaction, nil, 0, &table)
        guard opened == 0 else {
            unsafe mdb_txn_abort(transaction)
            throw StoreError(lmdb: opened)
        }
        try StoreError.check(unsafe mdb_txn_commit(transaction))
        return table
    }
}
