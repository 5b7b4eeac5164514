import Storage

// Rows as a live transaction sees them: those of the data file, and over them those of the runs.

extension ReadTransaction {
    /// Reads a row; its span is valid inside the body only.
    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        guard !runs.isEmpty else { return try transaction.read(key, body) }
        guard key.bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
        // The version lies in a run, which this transaction holds.
        let found = unsafe key.bytes.withUnsafeBufferPointer { unsafe runs.find($0) }
        guard let found = unsafe found else { return try transaction.read(key, body) }
        guard unsafe !found.isDeleted else { return nil }
        let stored = unsafe found.bytes.span
        guard let version = StoredRow.version(of: stored) else {
            throw .corrupt("a row is shorter than its header")
        }
        return body(stored.extracting(droppingFirst: StoredRow.headerBytes), version)
    }

    /// Visits rows in their stored form, in order.
    ///
    /// `prefix`: of the rows that are looked for; behind them, not all rows are shown.
    func walk(
        from start: Key,
        within prefix: Key = Key([]),
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        guard !runs.isEmpty else { return try walkStored(from: start, body) }
        // The start's buffer is used to find a place and not kept; nodes and versions lie in runs that this transaction holds.
        var cursor = unsafe start.bytes.withUnsafeBufferPointer { start in
            unsafe prefix.bytes.withUnsafeBufferPointer { unsafe runs.cursor(from: start, within: $0) }
        }
        var step = ScanStep.more
        try walkStored(from: start) { key, stored throws(StoreError) in
            step = try unsafe Self.showNewer(&cursor, than: key, stored, direction: 1, body)
            return step
        }
        if step == .more { try unsafe Self.showRest(&cursor, body) }
    }

    /// Visits rows in their stored form below `end`, or all, in descending order.
    func walkBackward(
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        guard !runs.isEmpty else { return try walkStoredBackward(before: end, body) }
        // As in a walk forward.
        var cursor =
            if let end {
                unsafe end.bytes.withUnsafeBufferPointer { unsafe runs.cursorBackward(before: $0) }
            } else {
                unsafe runs.cursorBackward(before: nil)
            }
        var step = ScanStep.more
        try walkStoredBackward(before: end) { key, stored throws(StoreError) in
            step = try unsafe Self.showNewer(&cursor, than: key, stored, direction: -1, body)
            return step
        }
        if step == .more { try unsafe Self.showRest(&cursor, body) }
    }

    /// Shows the rows of the runs that come before one of the data file, and then that one or the one in its place.
    private static func showNewer(
        _ cursor: inout RunCursor,
        than key: Span<UInt8>,
        _ stored: Span<UInt8>,
        direction: Int,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) -> ScanStep {
        while let (newerKey, version) = unsafe cursor.current {
            let order = unsafe newerKey.span.order(key) * direction
            if order > 0 { break }
            unsafe cursor.advance()
            var step = ScanStep.more
            if unsafe !version.isDeleted { step = try body(unsafe newerKey.span, unsafe version.bytes.span) }
            if order == 0 || step == .stop { return step }
        }
        return try body(key, stored)
    }

    private static func showRest(
        _ cursor: inout RunCursor,
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreError) -> ScanStep
    ) throws(StoreError) {
        while let (key, version) = unsafe cursor.current {
            unsafe cursor.advance()
            guard unsafe !version.isDeleted else { continue }
            guard try body(unsafe key.span, unsafe version.bytes.span) == .more else { return }
        }
    }
}
