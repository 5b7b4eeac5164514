import Storage

/// One state of an ``LMDBStore``: a live read transaction, borrowed for the length of a closure.
struct LMDBSnapshot: StoreSnapshot, ~Copyable {
    let reader: ReadTransaction
    let accountStates: AccountStates

    func state(of account: UInt32) -> UInt64? { accountStates.state(of: account, upTo: reader.runs.number) }

    func state(of account: UInt32, kind: UInt8) -> UInt64? {
        accountStates.state(of: account, kind: kind, upTo: reader.runs.number)
    }

    func show(_ key: Key, to body: (Span<UInt8>, CommitVersion) -> Void) throws(StoreError) {
        _ = try reader.read(key, body)
    }

    func scan(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try prefix.checkScan(start)
        let first = if let start { max(start, prefix) } else { prefix }
        try reader.walk(from: first, within: prefix) { key, stored throws(StoreError) in
            try Self.show(key, stored, prefix, body)
        }
    }

    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try prefix.checkScan(end)
        try reader.walkBackward(before: prefix.end(of: end)) { key, stored throws(StoreError) in
            try Self.show(key, stored, prefix, body)
        }
    }

    private static func show(
        _ key: Span<UInt8>,
        _ stored: Span<UInt8>,
        _ prefix: Key,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) -> ScanStep {
        guard key.hasPrefix(prefix.bytes.span) else { return .stop }
        guard let version = StoredRow.version(of: stored) else {
            throw .corrupt("a row is shorter than its header")
        }
        return body(key, stored.extracting(droppingFirst: StoredRow.headerBytes), version)
    }

    func scanDamaged(
        from start: Key,
        rowsMax: Int,
        _ body: (Span<UInt8>) -> ScanStep
    ) throws(StoreError) -> Key? {
        var (left, next) = (rowsMax, Key?.none)
        try reader.walk(from: start) { key, stored throws(StoreError) in
            guard left > 0 else {
                next = Key([UInt8](copying: key))
                return .stop
            }
            left -= 1
            return StoredRow.isIntact(key: key, stored: stored) ? .more : body(key)
        }
        return next
    }
}
