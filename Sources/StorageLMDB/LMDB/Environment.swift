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

    /// Slots beside those of the readers: the commit thread's, and two looks at what is free, by a checkpoint and by who asks for figures.
    private static let ownReaders = 3

    /// Opens, and creates if need be, the data file in a folder whose lock the caller holds.
    init(folder: String, mapBytes: Int, readersMax: Int) throws(StoreError) {
        self.folder = folder
        var opened: OpaquePointer?
        try StoreError.check(unsafe mdb_env_create(&opened))
        guard let pointer = unsafe opened else { throw .system(code: EINVAL) }
        do throws(StoreError) {
            // From here on `pointer` lives until mdb_env_close, here or in close().
            try StoreError.check(unsafe mdb_env_set_mapsize(pointer, mapBytes))
            let slots = CUnsignedInt(readersMax + Self.ownReaders)
            try StoreError.check(unsafe mdb_env_set_maxreaders(pointer, slots))
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

    /// Lets transactions end without being durable, until ``sync()`` makes all of them so: for a file that is of no use before.
    func stopSyncing() throws(StoreError) {
        try StoreError.check(unsafe mdb_env_set_flags(pointer, CUnsignedInt(MDB_NOSYNC), 1))
    }

    /// Makes all transactions durable.
    func sync() throws(StoreError) { try StoreError.check(unsafe mdb_env_sync(pointer, 1)) }

    /// What the data file has left of its largest size, in bytes: pages that it has never had, and those that are free again.
    func roomBytes() throws(StoreError) -> Int {
        var information = unsafe MDB_envinfo()
        try StoreError.check(unsafe mdb_env_info(pointer, &information))
        var status = MDB_stat()
        try StoreError.check(unsafe mdb_env_stat(pointer, &status))
        let pageBytes = Int(status.ms_psize)
        let mapBytes = unsafe Int(information.me_mapsize)
        let unused = unsafe mapBytes - (Int(information.me_last_pgno) + 1) * pageBytes
        // Which are free takes a walk through their list, which is worth it only near the end.
        guard unused < mapBytes / 4 else { return unused }
        return unused + (try freePageCount()) * pageBytes
    }

    /// How many pages of the file are free; a walk through their list.
    func freePageCount() throws(StoreError) -> Int {
        var begun: OpaquePointer?
        try StoreError.check(unsafe mdb_txn_begin(pointer, nil, CUnsignedInt(MDB_RDONLY), &begun))
        defer { unsafe mdb_txn_abort(begun) }
        var opened: OpaquePointer?
        // The list of free pages is the table 0, as mdb_stat reads it.
        try StoreError.check(unsafe mdb_cursor_open(begun, 0, &opened))
        defer { unsafe mdb_cursor_close(opened) }
        var (name, data) = unsafe (MDB_val(), MDB_val())
        var count = 0
        var code = unsafe mdb_cursor_get(opened, &name, &data, MDB_FIRST)
        while code == 0 {
            // Each row begins with the number of its pages, and stays as it is while the transaction lives.
            if let pages = unsafe data.mv_data { count += unsafe pages.loadUnaligned(as: Int.self) }
            code = unsafe mdb_cursor_get(opened, &name, &data, MDB_NEXT)
        }
        guard code == MDB_NOTFOUND else { throw StoreError(lmdb: code) }
        return count
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
