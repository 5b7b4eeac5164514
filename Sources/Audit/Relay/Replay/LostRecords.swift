internal import Storage

/// Which delivered records a journal lacks.
///
/// Rows are visited and not kept: there may be a million.
struct LostRecords {
    private var lost = SequenceSets()
    /// Records of the journal next to lost ones, whose hashes tell what the lost ones had.
    private(set) var borders: Set<AuditRecordID> = []
    /// When the first of them was committed, in microseconds since 1970; nil if there are none.
    private(set) var earliest: Int64?

    /// How many gaps are mended by one start; the next one mends further ones.
    private static let gapsMax = 100_000

    /// Finds the rows that are not present.
    ///
    /// A journal deletes its oldest records when it is full: what is older than the first one present was not lost, unless none of all that
    /// were delivered is present.
    init(_ rows: DeliveredRows, _ present: SequenceSets) {
        var hasBegun = true
        rows.visit { row in
            guard present.contains(AuditRecordID(row)) else { return .more }
            hasBegun = false
            return .stop
        }
        var gapCount = 0
        rows.visit { row in
            let id = AuditRecordID(row)
            guard !present.contains(id) else {
                hasBegun = true
                return .more
            }
            guard hasBegun else { return .more }
            if !lost.contains(AuditRecordID(stream: row.stream, sequence: row.sequence - 1)) {
                gapCount += 1
                guard gapCount <= Self.gapsMax else { return .stop }
            }
            lost.insert(id)
            if earliest == nil { earliest = row.timeMicroseconds }
            return .more
        }
        for (stream, range) in lost.ranges {
            borders.insert(AuditRecordID(stream: stream, sequence: range.lowerBound - 1))
            borders.insert(AuditRecordID(stream: stream, sequence: range.upperBound))
        }
    }

    /// Leaves out those that cannot be sealed as they were.
    ///
    /// What comes behind a lost record tells whether its hash is the one that it had: the next record of the stream, or the stream's head.
    mutating func check(
        _ rows: DeliveredRows,
        _ hashes: [AuditRecordID: TrailHash],
        _ heads: [String: ChainHead],
        _ chain: TrailChain
    ) {
        var chain = chain
        var ends: [String: ChainHead] = [:]
        var right: Set<AuditRecordID> = []
        rows.visit { row in
            let id = AuditRecordID(row)
            if lost.contains(id) {
                ends[row.stream] = chain.seal(row, after: Self.hash(before: row, ends, hashes, chain)).head
            } else if let end = ends.removeValue(forKey: row.stream), end.sequence == row.sequence - 1,
                let hash = hashes[id], chain.seal(row, after: end.hash).head.hash == hash
            {
                right.insert(AuditRecordID(stream: row.stream, sequence: end.sequence))
            }
            return .more
        }
        for (stream, end) in ends where heads[stream] == end {
            right.insert(AuditRecordID(stream: stream, sequence: end.sequence))
        }
        for (stream, range) in lost.ranges
        where !right.contains(AuditRecordID(stream: stream, sequence: range.upperBound - 1)) {
            lost.remove(range, of: stream)
        }
    }

    /// Gives the lost records to the body, sealed as they were, in the order of the log.
    func seal(
        _ rows: DeliveredRows,
        _ hashes: [AuditRecordID: TrailHash],
        _ chain: TrailChain,
        _ body: (SealedRecord) -> ScanStep
    ) {
        var chain = chain
        var ends: [String: ChainHead] = [:]
        rows.visit { row in
            guard lost.contains(AuditRecordID(row)) else { return .more }
            let record = chain.seal(row, after: Self.hash(before: row, ends, hashes, chain))
            ends[row.stream] = record.head
            return body(record)
        }
    }

    private static func hash(
        before row: LogRow,
        _ ends: [String: ChainHead],
        _ hashes: [AuditRecordID: TrailHash],
        _ chain: TrailChain
    ) -> TrailHash {
        if let end = ends[row.stream], end.sequence == row.sequence - 1 { return end.hash }
        return hashes[AuditRecordID(stream: row.stream, sequence: row.sequence - 1)] ?? chain.anchor(of: row)
    }
}
