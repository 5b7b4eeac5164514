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
        let staged = changes(prefix: prefix, from: start)
        try merge(staged, Walk(prefix: prefix, bound: start, isAscending: true), body)
    }

    func scanBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        var staged = changes(prefix: prefix, from: nil)
        if let end { staged.removeAll { !($0.key < end) } }
        try merge(staged.reversed(), Walk(prefix: prefix, bound: end, isAscending: false), body)
    }

    /// Which rows are visited in which order; `bound` is where it begins.
    private struct Walk {
        let prefix: Key
        let bound: Key?
        let isAscending: Bool
    }

    /// Visits staged rows, which are in the order of the walk, and those of the base as one.
    private func merge(
        _ staged: [SortedRows.Row],
        _ walk: Walk,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(StoreError) {
        let direction = walk.isAscending ? 1 : -1
        var place = 0
        var step = ScanStep.more
        // Shows the next staged row, unless it only hides one.
        func showNext() {
            let row = staged[place]
            place += 1
            guard !row.stored.isEmpty else { return }
            Self.show(row.stored) { value, version in step = body(row.key.bytes.span, value, version) }
        }
        func visit(_ key: Span<UInt8>, _ value: Span<UInt8>, _ version: CommitVersion) -> ScanStep {
            while place < staged.count {
                let next = staged[place].key
                let order = next.bytes.span.order(key) * direction
                if order > 0 { break }
                showNext()
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
        while step == .more, place < staged.count { showNext() }
    }

    private func changes(prefix: Key, from start: Key?) -> [SortedRows.Row] {
        var changes: [SortedRows.Row] = []
        rows.scan(from: max(prefix, start ?? prefix)) { row in
            guard row.key.bytes.span.hasPrefix(prefix.bytes.span) else { return .stop }
            changes.append(row)
            return .more
        }
        return changes
    }
}
