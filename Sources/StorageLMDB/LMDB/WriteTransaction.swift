import CLMDB
import Storage

/// The one write transaction; aborts when dropped.
///
/// It begins and ends on the commit thread: ended elsewhere, LMDB 0.9.24 returns 0 and the next writer waits
/// for ever.
@safe
struct WriteTransaction: RowWriter, ~Copyable {
    /// Alive from `init` to `commit` or `deinit`.
    private let pointer: OpaquePointer
    private let table: MDB_dbi
    /// Where the last row in stored form was put; closed before the transaction ends.
    private var cursor: OpaquePointer?

    @available(*, noasync)
    init(_ environment: Environment) throws(StoreError) {
        var begun: OpaquePointer?
        // The environment is open: the store ends its commit thread before it closes it.
        try StoreError.check(unsafe mdb_txn_begin(environment.pointer, nil, 0, &begun))
        guard let begun = unsafe begun else { throw .system(code: MDB_PANIC) }
        unsafe pointer = begun
        table = environment.table
    }

    deinit {
        if let cursor = unsafe cursor { unsafe mdb_cursor_close(cursor) }
        unsafe mdb_txn_abort(pointer)
    }

    /// Makes the changes durable; on any error they are not there, or it is not known.
    consuming func commit() throws(StoreError) {
        closeCursor()
        let code = unsafe mdb_txn_commit(pointer)
        // LMDB has freed the transaction, whatever it answered.
        discard self
        try StoreError.check(code)
    }

    /// Whether the table has no row at all.
    func isEmpty() throws(StoreError) -> Bool {
        var status = MDB_stat()
        try StoreError.check(unsafe mdb_stat(pointer, table, &status))
        return status.ms_entries == 0
    }

    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        try transaction.read(key, body)
    }

    mutating func put(_ key: Key, _ value: Span<UInt8>, version: CommitVersion) throws(StoreError) {
        let header = StoredRow(key: key.bytes.span, version: version, value: value)
        try unsafe key.bytes.withUnsafeBufferPointer { buffer throws(StoreError) in
            // The key's buffer lives in this closure; LMDB copies it.
            var name = unsafe MDB_val(buffer)
            var room = unsafe MDB_val(mv_size: StoredRow.headerBytes + value.count, mv_data: nil)
            try StoreError.check(unsafe mdb_put(pointer, table, &name, &room, CUnsignedInt(MDB_RESERVE)))
            // LMDB reserved mv_size bytes, ours until the next write of this transaction.
            let target = unsafe UnsafeMutableRawBufferPointer(start: room.mv_data, count: room.mv_size)
            unsafe target.storeBytes(of: header.version.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe target.storeBytes(of: header.checksum.bigEndian, toByteOffset: 8, as: UInt32.self)
            unsafe value.withUnsafeBufferPointer { value in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[StoredRow.headerBytes...])
                unsafe rest.copyMemory(from: UnsafeRawBufferPointer(value))
            }
        }
    }

    /// Writes a row in its stored form; quick for keys that come in their order.
    ///
    /// A cursor that is kept from one row to the next finds the place of a key beside the last one without a search from the root.
    mutating func put(
        _ key: UnsafeBufferPointer<UInt8>,
        stored: UnsafeBufferPointer<UInt8>
    ) throws(StoreError) {
        if unsafe self.cursor == nil { unsafe self.cursor = try transaction.openCursor() }
        // LMDB copies both; they live for the length of the call.
        var name = unsafe MDB_val(key)
        var data = unsafe MDB_val(stored)
        try StoreError.check(unsafe mdb_cursor_put(cursor, &name, &data, 0))
    }

    /// Writes a row in its stored form behind all others.
    mutating func append(_ key: Span<UInt8>, stored: Span<UInt8>) throws(StoreError) {
        if unsafe self.cursor == nil { unsafe self.cursor = try transaction.openCursor() }
        try unsafe key.withUnsafeBufferPointer { key throws(StoreError) in
            try unsafe stored.withUnsafeBufferPointer { stored throws(StoreError) in
                // LMDB copies both; they live for the length of the call.
                var name = unsafe MDB_val(key)
                var data = unsafe MDB_val(stored)
                try StoreError.check(unsafe mdb_cursor_put(cursor, &name, &data, CUnsignedInt(MDB_APPEND)))
            }
        }
    }

    /// Deletes a row, if there is one.
    mutating func delete(_ key: UnsafeBufferPointer<UInt8>) throws(StoreError) {
        // Pages may be joined, so that the next row is searched for anew.
        closeCursor()
        // The key's buffer lives for the length of the call; LMDB does not keep it.
        var name = unsafe MDB_val(key)
        let code = unsafe mdb_del(pointer, table, &name, nil)
        if code != MDB_NOTFOUND { try StoreError.check(code) }
    }

    private mutating func closeCursor() {
        guard let cursor = unsafe cursor else { return }
        unsafe mdb_cursor_close(cursor)
        unsafe self.cursor = nil
    }

    mutating func delete(_ key: Key) throws(StoreError) -> Bool {
        try unsafe key.bytes.withUnsafeBufferPointer { buffer throws(StoreError) in
            // The key's buffer lives in this closure; LMDB does not keep it.
            var name = unsafe MDB_val(buffer)
            let code = unsafe mdb_del(pointer, table, &name, nil)
            guard code != MDB_NOTFOUND else { return false }
            try StoreError.check(code)
            return true
        }
    }

    func keys(prefix: Key, from start: Key?, limit: Int) throws(StoreError) -> [Key] {
        var keys: [Key] = []
        let cursor = unsafe try transaction.openCursor()
        defer { unsafe mdb_cursor_close(cursor) }
        try unsafe transaction.walk(cursor, from: max(prefix, start ?? prefix)) { key, _ throws(StoreError) in
            guard keys.count < limit, key.hasPrefix(prefix.bytes.span) else { return .stop }
            keys.append(Key([UInt8](copying: key)))
            return .more
        }
        return keys
    }

    // Borrowed for the length of one call of self, which keeps the pointer alive.
    private var transaction: Transaction { unsafe Transaction(pointer: pointer, table: table) }
}
