import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("The commit log")
struct CommitLogTests {
    /// A harness whose log has so many records.
    static func harness(_ count: Int, segmentBytes: Int = 8 * 4096) throws -> LogHarness {
        let harness = LogHarness(segmentBytes: segmentBytes)
        try harness.create()
        try harness.open { log in for _ in 0..<count { try LogHarness.append(&log) } }
        return harness
    }

    @Test("records are read back in order, over as many segments as it takes", arguments: [0, 1, 40])
    func readBack(count: Int) throws {
        let harness = try Self.harness(count)
        #expect(try harness.open() == count)
        #expect(try harness.open { log in try LogHarness.append(&log) } == count)
        #expect(try harness.open() == count + 1)
    }

    @Test("a start reads from a position on, and needs no segment before it")
    func fromPosition() throws {
        let harness = try Self.harness(0)
        var position = LogPosition.start
        try harness.open { log in
            for number in 1...40 {
                try LogHarness.append(&log)
                if number == 25 { position = log.last }
            }
        }
        #expect(position.segment > 1)
        for number in 1..<position.segment { try harness.disk.remove(LogSegment.name(number)) }
        #expect(try harness.open(from: position) == 40)
        #expect(throws: StoreError.corrupt("segment \(LogSegment.name(1)) of the log is missing")) {
            try harness.open()
        }
        var other = position
        other.checksum ^= 1
        #expect(throws: StoreError.self) { try harness.open(from: other) }
    }

    @Test(
        "a flipped bit anywhere in a record is found and stops the start, also in the last",
        arguments: [5, 6]
    )
    func flippedBits(count: UInt64) throws {
        let harness = LogHarness(segmentBytes: 24 * 4096)
        try harness.create()
        var ends: [Int] = [LogFormat.firstOffset]
        try harness.open { log in
            for _ in 0..<count {
                try LogHarness.append(&log)
                ends.append(log.last.offset)
            }
        }
        let name = LogSegment.name(1)
        let lastBegins = try #require(ends.last)
        let end = lastBegins + LogHarness.record(count).paddedBytes
        for byte in LogFormat.firstOffset..<end where byte % 4096 < 70 || byte % 127 == 0 {
            let disk = harness.disk.afterKill()
            disk.flip(byte % 8, of: byte, in: name)
            let damaged = LogHarness(disk, segmentBytes: 24 * 4096)
            #expect(throws: StoreError.self, "byte \(byte)") { try damaged.open() }
        }
        for byte in 0..<LogFormat.blockBytes where byte < 64 || byte % 31 == 0 {
            let disk = harness.disk.afterKill()
            disk.flip(byte % 8, of: byte, in: name)
            #expect(throws: StoreError.corrupt("segment \(name) of the log is damaged"), "byte \(byte)") {
                try LogHarness(disk, segmentBytes: 24 * 4096).open()
            }
        }
    }

    @Test(
        "a last record that lacks a sector was torn and is cut off, whatever was there before",
        arguments: [5, 6]
    )
    func tornSectors(count: UInt64) throws {
        let harness = LogHarness(segmentBytes: 24 * 4096)
        try harness.create()
        var begins = LogFormat.firstOffset
        try harness.open { log in
            for _ in 0..<count {
                try LogHarness.append(&log)
                begins = log.last.offset
            }
        }
        var random = SeededGenerator(seed: 8)
        let end = begins + LogHarness.record(count).paddedBytes
        for sector in stride(from: begins, to: end, by: 512) {
            let disk = harness.disk.afterKill()
            for byte in sector..<sector + 512 {
                for bit in 0..<8 where Bool.random(using: &random) {
                    disk.flip(bit, of: byte, in: LogSegment.name(1))
                }
            }
            let damaged = LogHarness(disk, segmentBytes: 24 * 4096)
            #expect(try damaged.open { log in try LogHarness.append(&log) } == count - 1, "sector \(sector)")
            #expect(try damaged.open() == count)
        }
    }

    @Test("damage at the end of a segment is found by what the next one holds")
    func damageBeforeSegment() throws {
        let harness = try Self.harness(0)
        var lastOfFirst = LogPosition.start
        try harness.open { log in
            for _ in 0..<12 {
                try LogHarness.append(&log)
                if log.last.segment == 1 { lastOfFirst = log.last }
            }
        }
        harness.disk.flip(0, of: lastOfFirst.offset + 70, in: LogSegment.name(1))
        let number = lastOfFirst.number
        let sentence =
            "record \(number) of the log is damaged, and changes follow it, the next in record \(number + 1)"
        #expect(throws: StoreError.corrupt(sentence)) { try harness.open() }
    }

    @Test("a record of another place, segment or use of the file is none", arguments: 0..<3)
    func elsewhere(what: Int) throws {
        let harness = LogHarness(segmentBytes: 24 * 4096)
        try harness.create()
        try harness.open { log in
            for _ in 0..<2 { try LogHarness.append(&log) }
        }
        let header = SegmentHeader(
            storeID: LogHarness.storeID,
            number: what == 1 ? 2 : 1,
            salt: what == 2 ? 98 : 99
        )
        var record = LogHarness.record(3)
        let offset = LogFormat.firstOffset + 2 * 4096
        let previous = try #require(
            try LogSegment(
                header: .init(storeID: LogHarness.storeID, number: 1, salt: 99),
                file: harness.disk.open(LogSegment.name(1))
            )
            .record(at: LogFormat.firstOffset + 4096)
        )
        _ = record.finish(
            number: 3,
            previous: previous.checksum,
            timeMicroseconds: 1,
            in: header,
            at: what == 0 ? offset + 4096 : offset
        )
        try harness.disk.open(LogSegment.name(1)).writeAll(record.bytes.span, at: offset, durably: true)
        #expect(try harness.open() == 2)
    }

    @Test(
        "segments beyond what is kept by size or by time are used again, and do not bring their records back",
        arguments: [(0, Duration.seconds(3_600)), (1 << 30, .seconds(59))]
    )
    func recycled(bytesMax: Int, retention: Duration) throws {
        var harness = LogHarness(segmentBytes: 8 * 4096)
        harness.settings.retainedBytesMax = bytesMax
        harness.settings.retention = retention
        harness.seconds = 60
        try harness.create()
        var position = LogPosition.start
        for _ in 0..<12 {
            try harness.open(from: position) { log in
                for _ in 0..<15 { try LogHarness.append(&log) }
                position = log.last
                log.shelf.release(before: position.segment)
            }
            #expect(try harness.open(from: position) == position.number)
        }
        #expect(position.segment > 12)
        #expect(try harness.disk.names().count < 12)
    }

    @Test("nothing is cut or taken over from a log of another store, or one that the data file does not know")
    func foreign() throws {
        let harness = try Self.harness(3)
        #expect(throws: StoreError.corrupt("segment \(LogSegment.name(1)) of the log is another store's")) {
            _ = try LogRecovery(harness.disk, storeID: .test(8), from: .start)
        }
        #expect(throws: StoreError.corrupt("the log has changes that the data file knows nothing of")) {
            try LogRecovery.create(harness.disk, storeID: .test(8), salt: 1, settings: harness.settings)
        }
        #expect(try harness.open() == 3)
    }
}
