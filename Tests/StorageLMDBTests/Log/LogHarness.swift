import Locking
import Storage
import TestSupport

@testable import StorageLMDB

/// A log over a disk in memory, with records that hold one number each.
struct LogHarness {
    let disk: SimulatedDisk
    var settings: LogSettings
    /// The clock; every file was written at 0.
    var seconds: Int64 = 0
    static let storeID = UniqueID.test(7)
    private static let salts = Locked(SeededGenerator(seed: 3))

    init(_ disk: SimulatedDisk = SimulatedDisk(), segmentBytes: Int = 8 * 4096) {
        self.disk = disk
        settings = LogSettings()
        settings.segmentBytes = segmentBytes
        settings.reserveBytes = 2 * 4096
        settings.retryInterval = .milliseconds(1)
    }

    /// What a record of this number holds: some have one block, some more.
    static func value(_ number: UInt64) -> [UInt8] {
        let count = number % 5 == 0 ? 9_000 : number % 7 == 3 ? 40_000 : 40
        var value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count)
        value[count / 2] = 1
        return value
    }

    static func record(_ number: UInt64) -> RecordBuilder {
        var record = RecordBuilder()
        record.add(Key.user("\(number)").bytes.span, value(number).span)
        record.add(Key.user("gone").bytes.span, nil)
        return record
    }

    /// Makes the first segment, if the disk has none.
    func create() throws(StoreError) {
        guard try disk.names().allSatisfy({ LogSegment.number(fromName: $0) == nil }) else { return }
        try LogRecovery.create(disk, storeID: Self.storeID, salt: 99, settings: settings)
    }

    /// Starts: reads what is there behind a position, checks it, and lends the log to the body.
    ///
    /// - Returns: the number of the last record that was there.
    @discardableResult
    func open(
        from position: LogPosition = .start,
        isFull: Bool = false,
        _ body: (inout CommitLog) throws -> Void = { _ in }
    ) throws -> UInt64 {
        let shelf = SegmentShelf(
            disk,
            storeID: Self.storeID,
            settings: settings,
            neededFrom: position.segment,
            makeSalt: { Self.salts.withLock { $0.next() } },
            seconds: { [seconds] in seconds }
        )
        var numbers: [UInt64] = []
        let recovery = try LogRecovery(disk, storeID: Self.storeID, from: position)
        let found = try recovery.replay(behind: position) { record, _ throws(StoreError) in
            numbers.append(record.header.number)
            var rows: [[UInt8]?] = []
            try record.visitRows { _, value in
                if let value { rows.append([UInt8](copying: value)) } else { rows.append(nil) }
            }
            guard rows == [Self.value(record.header.number), nil] else { throw .corrupt("rows") }
        }
        guard numbers.elementsEqual(position.number + 1..<found.last.number + 1) else {
            throw StoreError.corrupt("numbers \(numbers)")
        }
        let last = found.last.number
        if let spare = found.spare { try shelf.put(spare) }
        try shelf.note(found.current)
        for number in found.others { try shelf.note(number) }
        var log = CommitLog(found, shelf: shelf, settings: settings, isDiskFull: { isFull })
        try body(&log)
        return last
    }

    static func append(_ log: inout CommitLog, usesReserve: Bool = false) throws(AppendFailure) {
        var record = record(log.last.number + 1)
        try log.append(&record, timeMicroseconds: 1, usesReserve: usesReserve)
    }
}
