import CLMDB
import Storage
import Synchronization

/// A read transaction that is reset after each use and renewed for the next, with its cursor, and the runs over what it sees.
///
/// `@unchecked Sendable`: MDB_NOTLS lets threads use it in turn, and ``ReaderPool`` hands it to one at a time.
@safe
final class ReadTransaction: @unchecked Sendable {
    /// Begun in `init`, aborted in ``end()``; reset or live in between.
    private let pointer: OpaquePointer
    private let table: MDB_dbi
    /// Kept between uses; nil while a scan has it, so that a scan inside a scan opens its own.
    private var idleCursor: OpaquePointer?

    /// Keeps the runs alive between uses too, so that no use counts references; let go of when the list is another one.
    private var list: RunList?
    private var listSerial: UInt64 = 0
    private var openRun: Unmanaged<Run>?
    private var frozenRun: Unmanaged<Run>?
    /// What lies over the data file, while the transaction is live.
    private(set) var runs = RunView()

    /// Begins a transaction, and resets it.
    init(_ environment: Environment) throws(StoreError) {
        var begun: OpaquePointer?
        let flags = CUnsignedInt(MDB_RDONLY)
        // The environment is open: the pool that makes this is closed before it.
        try StoreError.check(unsafe mdb_txn_begin(environment.pointer, nil, flags, &begun))
        guard let begun = unsafe begun else { throw .system(code: MDB_PANIC) }
        unsafe pointer = begun
        table = environment.table
        unsafe mdb_txn_reset(begun)
    }

    /// Ends the transaction for good.
    ///
    /// Called once, by the pool, before the environment closes. A `deinit` would come too late: the thread that
    /// used the transaction last may still hold a reference when the pool has taken it back.
    func end() {
        // A read-only cursor outlives resets and is closed by its owner, before the transaction.
        if let idleCursor = unsafe idleCursor { unsafe mdb_cursor_close(idleCursor) }
        unsafe idleCursor = nil
        unsafe mdb_txn_abort(pointer)
    }

    /// Makes a reset transaction live: it sees all batches that count, in the order that ``Overlay`` asks for.
    ///
    /// `writes`: whether the caller puts rows into the open run, and has to see them.
    func renew(_ overlay: Overlay, writes: Bool = false) throws(StoreError) {
        while true {
            if listSerial != overlay.currentSerial { hold(overlay.current) }
            if !writes { overlay.readerPause?() }
            try StoreError.check(unsafe mdb_txn_renew(pointer))
            // What LMDB has read of its own comes before the number is loaded.
            atomicMemoryFence(ordering: .acquiring)
            let number = writes ? .max : overlay.number
            guard listSerial == overlay.currentSerial, let open = unsafe openRun else {
                unsafe mdb_txn_reset(pointer)
                continue
            }
            runs = unsafe RunView(open: open, frozen: frozenRun, upTo: number, writes: writes)
            return
        }
    }

    /// Lets a live transaction see all batches that count by now.
    ///
    /// - Returns: whether it does; if not, the list of runs is another one, and it has to be reset and renewed.
    func advance(_ overlay: Overlay) -> Bool {
        // Loaded first: a batch that counts is in a run that was in the list before.
        let number = overlay.number
        guard listSerial == overlay.currentSerial, let open = unsafe openRun else { return false }
        runs = unsafe RunView(open: open, frozen: frozenRun, upTo: number, writes: false)
        return true
    }

    private func hold(_ list: RunList) {
        self.list = list
        listSerial = list.serial
        unsafe openRun = unsafe Unmanaged.passUnretained(list.open)
        unsafe frozenRun = unsafe list.frozen.map { unsafe Unmanaged.passUnretained($0) }
    }

    /// Lets go of the state it sees, so that LMDB may reuse the pages; keeps the reader's slot.
    func reset() {
        runs = RunView()
        unsafe mdb_txn_reset(pointer)
    }

    /// Lets go of runs that are no longer in the list, while the transaction is reset.
    func letGo(except serial: UInt64) {
        guard listSerial != serial else { return }
        list = nil
        listSerial = 0
        unsafe openRun = nil
        unsafe frozenRun = nil
    }

    /// The live transaction; self keeps it alive, and the snapshot that asks holds self.
    var transaction: Transaction { unsafe Transaction(pointer: pointer, table: table) }

    /// Visits the rows of the data file, in order.
    func walkStored(
        from start: Key,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        let cursor = unsafe try takeCursor()
        defer { unsafe putBack(cursor) }
        try unsafe transaction.walk(cursor, from: start, body)
    }

    /// Visits the rows of the data file below `end`, or all, in descending order.
    func walkStoredBackward(
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        let cursor = unsafe try takeCursor()
        defer { unsafe putBack(cursor) }
        try unsafe transaction.walkBackward(cursor, before: end, body)
    }

    private func takeCursor() throws(StoreError) -> OpaquePointer {
        guard let cursor = unsafe idleCursor else { return unsafe try transaction.openCursor() }
        unsafe idleCursor = nil
        // The cursor was used with an earlier use of this transaction, or this one: both may be renewed.
        let code = unsafe mdb_cursor_renew(pointer, cursor)
        guard code == 0 else {
            unsafe mdb_cursor_close(cursor)
            throw StoreError(lmdb: code)
        }
        return unsafe cursor
    }

    private func putBack(_ cursor: OpaquePointer) {
        if unsafe idleCursor == nil { unsafe idleCursor = cursor } else { unsafe mdb_cursor_close(cursor) }
    }
}
