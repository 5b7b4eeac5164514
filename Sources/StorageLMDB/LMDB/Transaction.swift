import CLMDB
import Storage

/// A borrowed LMDB transaction, of either kind, and what both do: look up and walk.
///
/// The owner of the transaction keeps the pointer alive; nobody keeps a `Transaction` longer than its owner.
@safe
struct Transaction {
    let pointer: OpaquePointer
    let table: MDB_dbi

    /// Reads a row; its span lies in the map and is valid inside the body only.
    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        guard key.bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
        guard !key.bytes.isEmpty else { return nil }
        return unsafe try key.bytes.withUnsafeBufferPointer { buffer throws(StoreError) -> R? in
            // The key's buffer lives in this closure; LMDB does not keep it.
            var name = unsafe MDB_val(buffer)
            var data = unsafe MDB_val()
            let code = unsafe mdb_get(pointer, table, &name, &data)
            guard code != MDB_NOTFOUND else { return nil }
            try StoreError.check(code)
            // The page stays as it is until the transaction ends or writes, which the body cannot make it do.
            let stored = unsafe data.buffer.span
            guard let version = StoredRow.version(of: stored) else {
                throw .corrupt("a row is shorter than its header")
            }
            return body(stored.extracting(droppingFirst: StoredRow.headerBytes), version)
        }
    }

    /// Visits the stored rows from `start` on, in key order, with a cursor of this transaction.
    func walk(
        _ cursor: OpaquePointer,
        from start: Key,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        var name = unsafe MDB_val()
        var data = unsafe MDB_val()
        var code = unsafe seek(cursor, start, &name, &data)
        while code == 0 {
            // Both lie in the map, which stays as it is while the body runs: it cannot write or end the transaction.
            guard try body(unsafe name.buffer.span, unsafe data.buffer.span) == .more else { return }
            code = unsafe mdb_cursor_get(cursor, &name, &data, MDB_NEXT)
        }
        guard code == MDB_NOTFOUND else { throw StoreError(lmdb: code) }
    }

    /// Visits the stored rows below `end`, or all, in descending key order, with a cursor of this transaction.
    func walkBackward(
        _ cursor: OpaquePointer,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        var name = unsafe MDB_val()
        var data = unsafe MDB_val()
        var code = MDB_NOTFOUND
        if let end { code = unsafe seek(cursor, end, &name, &data) }
        // Where nothing lies behind the end, the last row of all is the first one below it.
        let operation = code == 0 ? MDB_PREV : MDB_LAST
        if code == 0 || code == MDB_NOTFOUND {
            code = unsafe mdb_cursor_get(cursor, &name, &data, operation)
        }
        while code == 0 {
            // As in a walk forward.
            guard try body(unsafe name.buffer.span, unsafe data.buffer.span) == .more else { return }
            code = unsafe mdb_cursor_get(cursor, &name, &data, MDB_PREV)
        }
        guard code == MDB_NOTFOUND else { throw StoreError(lmdb: code) }
    }

    /// Puts a cursor on the first row from `start` on; LMDB's code.
    private func seek(
        _ cursor: OpaquePointer,
        _ start: Key,
        _ name: inout MDB_val,
        _ data: inout MDB_val
    ) -> CInt {
        unsafe start.bytes.withUnsafeBufferPointer { buffer in
            // The start's buffer lives in this closure; LMDB answers with a name of its own.
            unsafe name = unsafe MDB_val(buffer)
            let operation = buffer.isEmpty ? MDB_FIRST : MDB_SET_RANGE
            return unsafe mdb_cursor_get(cursor, &name, &data, operation)
        }
    }

    /// Opens a cursor; the caller closes it before the transaction ends.
    func openCursor() throws(StoreError) -> OpaquePointer {
        var cursor: OpaquePointer?
        try StoreError.check(unsafe mdb_cursor_open(pointer, table, &cursor))
        guard let cursor = unsafe cursor else { throw .system(code: MDB_PANIC) }
        return unsafe cursor
    }
}

extension MDB_val {
    /// Lends bytes to LMDB, which only reads them; they must outlive the call.
    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        unsafe self.init(
            mv_size: buffer.count,
            mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress)
        )
    }

    /// The bytes that LMDB answered with; valid as long as the transaction neither writes nor ends.
    var buffer: UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: mv_data?.assumingMemoryBound(to: UInt8.self), count: mv_size)
    }
}
