import Storage

/// Reads the log at a start: from what the data file has to the last record that checks out.
///
/// A record that does not check out is the end, if nothing of the same chain follows; it was being written when power failed, and nobody
/// was told of it. If something follows, or all of it is there but for one bit, acknowledged changes have been damaged, and the start is
/// refused.
struct LogRecovery {
    /// Where the log goes on.
    struct Found {
        let current: LogSegment
        let offset: Int
        let last: LogPosition
        /// How many records are behind what the data file has.
        let replayedCount: UInt64
        /// Whether a record was cut that a power failure had torn.
        let wasTorn: Bool
        /// The segment behind the current one, if it was made already.
        let spare: LogSegment?
        /// The numbers of all other segments that are there.
        let others: [UInt64]
    }

    private let disk: any LogDisk
    private let storeID: UniqueID
    private var segments: [LogSegment]
    private let others: [UInt64]

    /// Looks at the folder, and takes away what an earlier start or a segment that was being made has left.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` if a segment is missing or damaged that is needed from
    ///   `position` on.
    init(_ disk: any LogDisk, storeID: UniqueID, from position: LogPosition) throws(StoreError) {
        self.disk = disk
        self.storeID = storeID
        let names = try disk.names()
        if names.contains(LogSegment.preparedName) { try disk.remove(LogSegment.preparedName) }
        let numbers = names.compactMap(LogSegment.number(fromName:)).sorted()
        let needed = numbers.filter { $0 >= position.segment }
        segments = []
        for (index, number) in needed.enumerated() {
            guard number == position.segment + UInt64(index) else {
                throw .corrupt(
                    "segment \(LogSegment.name(position.segment + UInt64(index))) of the log is missing"
                )
            }
            segments.append(try LogSegment.open(number, disk, storeID))
        }
        guard !segments.isEmpty else {
            throw .corrupt("segment \(LogSegment.name(position.segment)) of the log is missing")
        }
        others = numbers.filter { $0 < position.segment }
    }

    /// Makes the first segment of a store that has no log yet.
    ///
    /// `last`: a record of another log that this one goes on behind, which it then begins with.
    /// - Returns: the position of that record, or where the first one goes.
    /// - Throws: ``StoreError/corrupt(_:)`` if there is a log with changes: then the data file is older than
    ///   that.
    @discardableResult
    static func create(
        _ disk: any LogDisk,
        storeID: UniqueID,
        salt: UInt64,
        settings: LogSettings,
        behind last: LogRecord? = nil
    ) throws(StoreError) -> LogPosition {
        for name in try disk.names() {
            guard let number = LogSegment.number(fromName: name) else { continue }
            let file = try disk.open(name)
            if let header = SegmentHeader(block: try file.read(at: 0, count: LogFormat.blockBytes)) {
                let segment = LogSegment(header: header, file: file)
                let record = try segment.findRecord(from: LogFormat.firstOffset)
                guard header.number != number || record == nil else {
                    throw .corrupt("the log has changes that the data file knows nothing of")
                }
            }
            try disk.remove(name)
        }
        let file = try disk.create(LogSegment.preparedName)
        // Its blocks are taken but not written, so that a store is made at once.
        _ = try file.allocate(settings.segmentBytes)
        let header = SegmentHeader(storeID: storeID, number: LogPosition.start.segment, salt: salt)
        try file.writeAll(header.block.span, at: 0, durably: false)
        var position = LogPosition.start
        if let last {
            let record = last.bytes(in: header, at: position.offset)
            try file.writeAll(record.span, at: position.offset, durably: false)
            position.number = last.header.number
            position.checksum = RecordHeader.storedChecksum(of: record.span)
        }
        try file.sync()
        try disk.rename(LogSegment.preparedName, to: LogSegment.name(header.number))
        try disk.syncNames()
        return position
    }

    /// Gives all records behind a position to the body, in order, and makes the end such that appends may
    /// follow.
    ///
    /// - Throws: what the body throws, ``StoreError/corrupt(_:)`` for damage, with the number of the record.
    func replay(
        behind position: LogPosition,
        _ body: (LogRecord, LogPosition) throws(StoreError) -> Void
    ) throws(StoreError) -> Found {
        var index = 0
        var offset = position.offset
        var last = position
        var lastRecord: LogRecord?
        var count: UInt64 = 0
        if position.number > 0 {
            guard let record = try segments[0].record(at: offset),
                record.header.number == position.number, record.checksum == position.checksum
            else {
                throw .corrupt(
                    "record \(position.number) of the log, which the data file rests on, is missing or damaged"
                )
            }
            offset += record.header.paddedBytes
        }
        while true {
            if let record = try next(segments[index], offset, after: last) {
                last = place(of: record, segments[index], offset)
                offset += record.header.paddedBytes
                try body(record, last)
                lastRecord = record
                count += 1
            } else if index + 1 < segments.count,
                try next(segments[index + 1], LogFormat.firstOffset, after: last) != nil
            {
                index += 1
                offset = LogFormat.firstOffset
            } else {
                break
            }
        }
        try checkNothingFollows(last, index, offset)
        // A failed sync may have left in memory what the disk never got.
        if let lastRecord {
            try segments[index].file.writeAll(lastRecord.bytes.span, at: last.offset, durably: true)
        }
        let wasTorn = try cut(segments[index], offset, after: last)
        return Found(
            current: segments[index],
            offset: offset,
            last: last,
            replayedCount: count,
            wasTorn: wasTorn,
            spare: index + 1 < segments.count ? segments[index + 1] : nil,
            others: others + segments[..<index].map(\.number)
        )
    }

    private func next(
        _ segment: LogSegment,
        _ offset: Int,
        after last: LogPosition
    ) throws(StoreError) -> LogRecord? {
        guard let record = try segment.record(at: offset), record.header.number == last.number + 1,
            record.header.previous == last.checksum
        else { return nil }
        return record
    }

    private func place(of record: LogRecord, _ segment: LogSegment, _ offset: Int) -> LogPosition {
        LogPosition(
            number: record.header.number,
            checksum: record.checksum,
            segment: segment.number,
            offset: offset
        )
    }

    /// Refuses a log that has a record which checks out behind its end.
    private func checkNothingFollows(_ last: LogPosition, _ index: Int, _ offset: Int) throws(StoreError) {
        for later in index..<segments.count {
            let from = later == index ? offset : LogFormat.firstOffset
            guard let found = try segments[later].findRecord(from: from) else { continue }
            throw .corrupt(
                "record \(last.number + 1) of the log is damaged, and changes follow it, the next in record \(found)"
            )
        }
    }

    /// Makes durable that no record begins at the end; returns whether one did that was torn.
    private func cut(
        _ segment: LogSegment,
        _ offset: Int,
        after last: LogPosition
    ) throws(StoreError) -> Bool {
        let found = try segment.file.read(at: offset, count: LogFormat.blockBytes)
        let empty = [UInt8](repeating: 0, count: LogFormat.blockBytes)
        guard found != empty, !found.isEmpty else { return false }
        guard try !segment.hasRottenRecord(at: offset, after: last) else {
            throw .corrupt(
                "record \(last.number + 1) of the log, the last one, is damaged: one bit has turned"
            )
        }
        try segment.file.writeAll(empty.span, at: offset, durably: true)
        // What an earlier use of the file has left is no record of this chain.
        guard let header = RecordHeader(block: found.span) else { return false }
        return header.number == last.number + 1 && header.previous == last.checksum
    }
}
