import Storage

/// Writes a run to the data file, in the order of its keys.
struct Checkpoint {
    let environment: Environment
    /// For tests: see ``LMDBStore/Configuration``.
    let fault: (@Sendable () -> CInt?)?
    /// The most rows of one transaction, and the most bytes: LMDB holds all pages that they change until its end.
    let transactionRowsMax: Int
    static let transactionBytesMax = 2 << 20
    /// After so many rows, about a millisecond's work, other threads have their turn.
    ///
    /// Each turn that is given away may cost several milliseconds on a machine that is busy, and the log waits for the checkpoint.
    private static let rowsInRowMax = 256

    /// Writes all rows of a run as its last batch left them, and the position of that one.
    ///
    /// - Parameters:
    ///   - run: frozen.
    ///   - position: the last record whose rows it has.
    ///   - old: the position that the data file has so far.
    ///   - progress: told after each transaction which share of the rows is written; false gives up.
    /// - Throws: what LMDB says, and ``StoreError/closed`` if `progress` gave up; what was written so far may be written again.
    func write(
        _ run: Run,
        through position: LogPosition,
        after old: LogPosition,
        _ progress: (Double) -> Bool
    ) throws(StoreError) {
        var node = unsafe run.first
        var written = 0
        repeat {
            var transaction = try WriteTransaction(environment)
            var bytes = 0
            var rows = 0
            while let next = unsafe node, bytes < Self.transactionBytesMax, rows < transactionRowsMax {
                bytes += try unsafe Self.write(next, to: &transaction)
                rows += 1
                if rows.isMultiple(of: Self.rowsInRowMax) { StoreThread.giveWay() }
                unsafe node = unsafe next.next(0)
            }
            let isLast = unsafe node == nil
            // Until all of it is there, the log must not be taken for shorter than what has been written.
            let row = CheckpointRow(position: isLast ? position : old, begunThrough: position.number)
            if isLast || written == 0 { try row.write(to: &transaction) }
            if let code = fault?() { throw StoreError(lmdb: code) }
            try transaction.commit()
            written += rows
            let share = Double(written) / Double(max(1, run.nodeCount))
            guard progress(share) || isLast else { throw .closed }
        } while unsafe node != nil
    }

    /// Commits the position alone.
    ///
    /// Pages that a transaction has freed may be used by the next but one: where only they are left, a transaction that
    /// finds no room and is dropped would find none for ever.
    func passOver(_ run: StoreWriter.Frozen, after old: LogPosition) throws(StoreError) {
        var transaction = try WriteTransaction(environment)
        try CheckpointRow(position: old, begunThrough: run.position.number).write(to: &transaction)
        try transaction.commit()
    }

    /// Writes the newest version of a key; how many bytes that were.
    private static func write(
        _ node: RunNode,
        to transaction: inout WriteTransaction
    ) throws(StoreError) -> Int {
        // A batch that came to nothing may have left a key without a version.
        guard let version = unsafe node.version(upTo: .max) else { return 0 }
        if unsafe version.isDeleted {
            try unsafe transaction.delete(node.key)
        } else {
            try unsafe transaction.put(node.key, stored: version.bytes)
        }
        return unsafe node.key.count + version.bytes.count
    }
}
