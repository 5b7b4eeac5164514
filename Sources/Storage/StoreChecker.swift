/// Verifies what the store keeps by itself: checksums, edge twins, the log's numbering.
///
/// Works on any store and reads every row of it. Its users check their own indexes beside it.
package struct StoreChecker {
    /// Something that is not as it should be.
    package enum Finding: Sendable, Hashable {
        /// The checksum of the row does not fit its key, version and value.
        case damagedRow(Key)
        /// A key or value of the store's own does not have its form.
        case malformedRow(Key)
        /// The edge has a row under one end only.
        case edgeWithoutTwin(Edge)
        /// The edge's two rows name different kinds.
        case edgeKindsDiffer(Edge)
        /// The log has no row of this order, though later or earlier ones exist.
        case missingLogRow(order: UInt64)
        /// The log goes on past the last order that the store has given out.
        case logRowBeyondEnd(order: UInt64)
        /// A stream's rows are not numbered one after the other.
        case sequenceBroken(stream: String, order: UInt64, expected: UInt64, found: UInt64)
        /// Commit times fall along the log.
        case commitsOutOfOrder(order: UInt64)
        /// A stream's head does not name the stream's last row.
        case headDisagrees(stream: String)
    }

    /// What a check found; ``findings`` is cut at ``StoreChecker/findingsMax``.
    package struct Report: Sendable, Equatable {
        package fileprivate(set) var findings: [Finding] = []
        package fileprivate(set) var isCut = false
        package fileprivate(set) var edgeCount = 0
        package fileprivate(set) var logRowCount = 0

        package var isClean: Bool { findings.isEmpty }

        fileprivate mutating func add(_ finding: Finding) -> ScanStep {
            guard findings.count < StoreChecker.findingsMax else {
                isCut = true
                return .stop
            }
            findings.append(finding)
            return .more
        }
    }

    package static let findingsMax = 1000

    private var report = Report()

    private init() {}

    package static let sliceRows = 4_096

    /// Checks a store beside whoever changes it: what belongs together is compared in one snapshot, of which each is short.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - sliceRows: how many rows are compared in one snapshot.
    ///   - progress: told how many rows have been looked at since the last time.
    /// - Returns: what was found.
    /// - Throws: what reading the store throws.
    package static func check(
        _ store: any Store,
        sliceRows: Int = sliceRows,
        progress: (Int) -> Void
    ) throws(StoreError) -> Report {
        var checker = StoreChecker()
        var next: Key? = Key([])
        while let start = next {
            next = try store.withSnapshot { snapshot throws(StoreError) in
                try checker.checkChecksums(snapshot, from: start, rowsMax: sliceRows)
            }
            progress(sliceRows)
        }
        for side in Side.allCases {
            next = side.prefix
            while let start = next {
                next = try store.withSnapshot { snapshot throws(StoreError) in
                    try checker.checkEdges(snapshot, side, from: start, rowsMax: sliceRows)
                }
                progress(sliceRows)
            }
        }
        try store.withSnapshot { snapshot throws(StoreError) in try checker.checkLog(snapshot) }
        return checker.report
    }

    private mutating func checkChecksums(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable,
        from start: Key,
        rowsMax: Int
    ) throws(StoreError) -> Key? {
        try snapshot.scanDamaged(from: start, rowsMax: rowsMax) { key in
            report.add(.damagedRow(Key([UInt8](copying: key))))
        }
    }
}

// MARK: - Edges

extension StoreChecker {
    /// One of an edge's two rows.
    private enum Side: CaseIterable {
        case edge, twin

        var prefix: Key { self == .edge ? EdgeKeys.edges : EdgeKeys.twins }

        func otherEnd(of edge: Edge) -> Key { self == .edge ? EdgeKeys.twin(edge) : EdgeKeys.edge(edge) }
    }

    /// - Returns: where the next rows of this side begin; nil if these were the last ones.
    private mutating func checkEdges(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable,
        _ side: Side,
        from start: Key?,
        rowsMax: Int
    ) throws(StoreError) -> Key? {
        // From the other side, kinds were compared already.
        let comparesKinds = side == .edge
        var failure: StoreError?
        var (left, next) = (rowsMax, Key?.none)
        try snapshot.scan(prefix: side.prefix, from: start) { key, value, _ in
            guard left > 0 else {
                next = Key([UInt8](copying: key))
                return .stop
            }
            left -= 1
            guard let edge = EdgeKeys.edge(fromKey: key), value.count == 1 else {
                return report.add(.malformedRow(Key([UInt8](copying: key))))
            }
            if comparesKinds { report.edgeCount += 1 }
            let kind = value[0]
            do throws(StoreError) {
                let other = try snapshot.read(side.otherEnd(of: edge)) { value, _ in
                    value.count == 1 ? value[0] : nil
                }
                guard let other else { return report.add(.edgeWithoutTwin(edge)) }
                // A malformed other end is found when its own turn comes.
                guard comparesKinds, let other, other != kind else { return .more }
                return report.add(.edgeKindsDiffer(edge))
            } catch {
                failure = error
                return .stop
            }
        }
        if let failure { throw failure }
        return next
    }
}

// MARK: - Log

extension StoreChecker {
    private struct StreamEnd {
        var sequence: UInt64
        var order: UInt64
    }

    private mutating func checkLog(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable
    ) throws(StoreError) {
        let state = try snapshot.state()
        let ends = try checkLogRows(snapshot, state)
        try checkHeads(snapshot, state, ends)
    }

    /// Walks the log; gives the last row of each stream.
    private mutating func checkLogRows(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable,
        _ state: StoreState
    ) throws(StoreError) -> [String: StreamEnd] {
        var ends: [String: StreamEnd] = [:]
        var last: LogRow?
        var nextOrder = state.trimmedThrough + 1
        try snapshot.scan(prefix: LogKeys.rows, from: nil) { key, value, version in
            guard let row = LogRow(key: key, value: value, version: version) else {
                return report.add(.malformedRow(Key([UInt8](copying: key))))
            }
            report.logRowCount += 1
            defer {
                last = row
                nextOrder = row.order &+ 1
                ends[row.stream] = StreamEnd(sequence: row.sequence, order: row.order)
            }
            if row.order != nextOrder, report.add(.missingLogRow(order: nextOrder)) == .stop { return .stop }
            if row.order > state.order, report.add(.logRowBeyondEnd(order: row.order)) == .stop {
                return .stop
            }
            if let last, !row.follows(last), report.add(.commitsOutOfOrder(order: row.order)) == .stop {
                return .stop
            }
            // What was trimmed away may have begun the stream; then its first row kept sets the count.
            let expected =
                ends[row.stream].map { $0.sequence + 1 } ?? (state.trimmedThrough == 0 ? 1 : row.sequence)
            guard row.sequence != expected else { return .more }
            return report.add(
                .sequenceBroken(stream: row.stream, order: row.order, expected: expected, found: row.sequence)
            )
        }
        if nextOrder <= state.order { _ = report.add(.missingLogRow(order: nextOrder)) }
        return ends
    }

    private mutating func checkHeads(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable,
        _ state: StoreState,
        _ ends: [String: StreamEnd]
    ) throws(StoreError) {
        var withoutHead = ends
        try snapshot.scan(prefix: LogKeys.heads, from: nil) { key, value, _ in
            guard let stream = LogKeys.stream(fromKey: key), let head = StreamHead(value: value) else {
                return report.add(.malformedRow(Key([UInt8](copying: key))))
            }
            let agrees =
                if let end = withoutHead.removeValue(forKey: stream) {
                    end.sequence == head.sequence && end.order == head.order
                } else {
                    head.order <= state.trimmedThrough
                }
            return agrees ? .more : report.add(.headDisagrees(stream: stream))
        }
        for stream in withoutHead.keys.sorted() {
            guard report.add(.headDisagrees(stream: stream)) == .more else { return }
        }
    }
}

extension LogRow {
    /// Whether the row's commit is the same as, or later than, that of the row before it; versions have no order.
    fileprivate func follows(_ last: LogRow) -> Bool { timeMicroseconds >= last.timeMicroseconds }
}
