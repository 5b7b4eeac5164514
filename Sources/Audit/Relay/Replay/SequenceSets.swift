/// Numbers of records, by their streams; those that follow each other take no room.
struct SequenceSets {
    private var sets: [String: RangeSet<UInt64>] = [:]

    mutating func insert(_ id: AuditRecordID) {
        guard id.sequence < .max else { return }
        sets[id.stream, default: RangeSet()].insert(contentsOf: id.sequence..<id.sequence + 1)
    }

    mutating func remove(_ range: Range<UInt64>, of stream: String) {
        sets[stream]?.remove(contentsOf: range)
    }

    func contains(_ id: AuditRecordID) -> Bool { sets[id.stream]?.contains(id.sequence) ?? false }

    /// The ranges of all streams.
    var ranges: [(stream: String, range: Range<UInt64>)] {
        sets.flatMap { stream, set in set.ranges.map { (stream, $0) } }
    }
}
