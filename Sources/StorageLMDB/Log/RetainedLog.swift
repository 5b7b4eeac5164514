import Storage

/// The files of the log as something to read back: beside those that a restart needs, what is kept by size and time.
struct RetainedLog {
    let disk: any LogDisk
    let storeID: UniqueID

    /// Visits the rows of the audit log that were committed before an order, in their order, until the body says to stop.
    ///
    /// A file that goes meanwhile, or is used again, has no more; nor has one behind a record that is damaged.
    func scanRows(before order: UInt64, _ body: (LogRow) -> ScanStep) throws(StoreError) {
        var last: UInt64 = 0
        for number in try disk.names().compactMap(LogSegment.number(fromName:)).sorted() {
            guard let segment = try? open(number) else { continue }
            var offset = LogFormat.firstOffset
            while let record = try? segment.record(at: offset) {
                offset += record.header.paddedBytes
                for row in try rows(of: record) where row.order > last {
                    guard row.order < order else { return }
                    last = row.order
                    guard body(row) == .more else { return }
                }
            }
        }
    }

    private func open(_ number: UInt64) throws(StoreError) -> LogSegment? {
        let file = try disk.open(LogSegment.name(number))
        guard let header = SegmentHeader(block: try file.read(at: 0, count: LogFormat.blockBytes)),
            header.number == number, header.storeID == storeID
        else { return nil }
        return LogSegment(header: header, file: file)
    }

    /// The rows of the audit log in a record, in their order.
    private func rows(of record: LogRecord) throws(StoreError) -> [LogRow] {
        var rows: [LogRow] = []
        try record.visitRows { key, stored throws(StoreError) in
            guard LogKeys.order(fromKey: key) != nil, let stored,
                let version = StoredRow.version(of: stored),
                let row = LogRow(
                    key: key,
                    value: stored.extracting(droppingFirst: StoredRow.headerBytes),
                    version: version
                )
            else { return }
            rows.append(row)
        }
        return rows.sorted { $0.order < $1.order }
    }
}
