/// Rows over those of a base; an empty `stored` hides the base's row, others are a version and the value.
struct StagedRows {
    let base: any Store
    let reads: BaseReads
    var rows: SortedRows

    private static let versionBytes = 8

    static func stored(_ value: Span<UInt8>, version: CommitVersion) -> [UInt8] {
        var stored: [UInt8] = []
        stored.reserveCapacity(versionBytes + value.count)
        stored.appendBigEndian(version.number)
        stored.append(copying: value)
        return stored
    }

    /// The version of a staged row; nil if it hides one.
    static func version(of stored: [UInt8]) -> CommitVersion? {
        stored.isEmpty ? nil : CommitVersion(stored.span.bigEndian64(at: 0))
    }

    private static func show(_ stored: [UInt8], to body: (Span<UInt8>, CommitVersion) -> Void) {
        let span = stored.span
        body(span.extracting(droppingFirst: versionBytes), CommitVersion(span.bigEndian64(at: 0)))
    }

    func show(_ key: Key, to body: (Span<UInt8>, CommitVersion) -> Void) throws(StoreError) {
        guard key.bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
        if let stored = rows[key] {
            if !stored.isEmpty { Self.show(stored, to: body) }
            return
        }
        var found: CommitVersion?
        try base.lendSnapshot { snapshot throws(StoreError) in
            try snapshot.show(key) { value, version in
                found = version
                body(value, version)
            }
        }
        reads.note(key, found)
    }

    func scan(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try merge(StagedWalk(rows, prefix: prefix, from: start), body)
    }

    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        try merge(StagedWalk(rows, prefix: prefix, before: end), body)
    }

    /// Visits the staged rows of a walk and those of the base as one.
    private func merge(
        _ walk: StagedWalk,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        var staged = walk
        var step = ScanStep.more
        // Shows a staged row, unless it only hides one.
        func show(_ row: SortedRows.Row) {
            staged.advance()
            guard !row.stored.isEmpty else { return }
            Self.show(row.stored) { value, version in step = body(row.key.bytes.span, value, version) }
        }
        func visit(_ key: Span<UInt8>, _ value: Span<UInt8>, _ version: CommitVersion) -> ScanStep {
            while let next = staged.next {
                let order = next.key.bytes.span.order(key)
                if walk.isAscending ? order > 0 : order < 0 { break }
                show(next)
                if order == 0 || step == .stop { return step }
            }
            step = body(key, value, version)
            return step
        }
        try base.lendSnapshot { snapshot throws(StoreError) in
            if walk.isAscending {
                try snapshot.scan(prefix: walk.prefix, from: walk.bound, visit)
            } else {
                try snapshot.scanBackward(prefix: walk.prefix, before: walk.bound, visit)
            }
        }
        while step == .more, let next = staged.next { show(next) }
    }
}

/// The staged rows under a prefix, one after the other: a scan often ends at the first.
private struct StagedWalk {
    private let rows: SortedRows
    let prefix: Key
    /// Where it begins.
    let bound: Key?
    let isAscending: Bool
    private var cursor: SortedRows.Cursor
    /// The row that it has come to; nil at the end.
    private(set) var next: SortedRows.Row?

    init(_ rows: SortedRows, prefix: Key, from start: Key?) {
        self.rows = rows
        self.prefix = prefix
        bound = start
        isAscending = true
        cursor = rows.cursor(from: max(prefix, start ?? prefix))
        look()
    }

    init(_ rows: SortedRows, prefix: Key, before end: Key?) {
        self.rows = rows
        self.prefix = prefix
        bound = end
        isAscending = false
        cursor = rows.cursor(before: prefix.end(of: end))
        look()
    }

    mutating func advance() {
        if isAscending { rows.goOn(&cursor) } else { rows.goBack(&cursor) }
        look()
    }

    private mutating func look() {
        next = rows.row(at: cursor)
        if let found = next, !found.key.bytes.span.hasPrefix(prefix.bytes.span) { next = nil }
    }
}
