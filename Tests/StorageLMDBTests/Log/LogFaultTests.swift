import Glibc
import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("The commit log: disks that fail")
struct LogFaultTests {
    static let records = 30

    /// Appends until the disk has lost power or all is there; returns the number of the last record of which
    /// it was told.
    static func run(_ harness: LogHarness) -> UInt64 {
        var told: UInt64 = 0
        do {
            try harness.create()
            try harness.open { log in
                for _ in 0..<records {
                    try LogHarness.append(&log)
                    told = log.last.number
                }
            }
        } catch {}
        return told
    }

    @Test("power may fail at every call: what was told is there, and at most one record more")
    func powerFailures() throws {
        let whole = LogHarness()
        #expect(Self.run(whole) == UInt64(Self.records))
        var random = SeededGenerator(seed: 5)
        for call in 1...whole.disk.calls {
            let harness = LogHarness()
            harness.disk.fail(call, .power)
            let told = Self.run(harness)
            #expect(!harness.disk.hasPower)
            for _ in 0..<8 {
                let disk = harness.disk.afterPowerFailure(using: &random)
                let after = LogHarness(disk)
                // A store whose data file knows no log yet makes one.
                if told == 0 { do { try after.create() } catch { continue } }
                let found = try after.open { log in for _ in 0..<3 { try LogHarness.append(&log) } }
                #expect(found == told || found == told + 1, "call \(call)")
                #expect(try after.open() == found + 3)
            }
        }
    }

    @Test(
        "an error at any call: what was told is there, what was refused is not, and of the rest nobody was told",
        arguments: [
            SimulatedDisk.Fault.error(ENOSPC), .error(EIO), .short, .unsynced(ENOSPC), .unsynced(EIO),
        ]
    )
    func errors(fault: SimulatedDisk.Fault) throws {
        let whole = LogHarness()
        _ = Self.run(whole)
        for call in 1...whole.disk.calls {
            let harness = LogHarness()
            harness.disk.fail(call, fault)
            var (told, refused, isUnknown) = (UInt64(0), UInt64(0), false)
            do {
                try harness.create()
                try harness.open { log in
                    while told < Self.records {
                        do throws(AppendFailure) {
                            try LogHarness.append(&log)
                            told = log.last.number
                        } catch .nothing {
                            refused += 1
                            try #require(refused < 3)
                            // Nor is it there if the process ends before anything else is written.
                            let found = try LogHarness(harness.disk.afterKill()).open()
                            #expect(found == told, "call \(call)")
                        } catch .unknown {
                            isUnknown = true
                            break
                        }
                    }
                }
            } catch let error as StoreError {
                // The store was not made, or not opened.
                #expect(told == 0, "\(error)")
                continue
            }
            #expect(isUnknown || told == Self.records)
            let found = try LogHarness(harness.disk.afterKill()).open()
            #expect(isUnknown ? (told...told + 1).contains(found) : found == told, "call \(call)")
        }
    }

    @Test("a full disk leaves the log as it was at whatever call, and it goes on when there is room")
    func full() throws {
        let whole = LogHarness()
        _ = Self.run(whole)
        for call in 5...whole.disk.calls {
            let harness = LogHarness()
            try harness.create()
            try harness.open { log in
                while harness.disk.calls < call, log.last.number < 25 { try LogHarness.append(&log) }
                harness.disk.failAll(.error(ENOSPC))
                let last = log.last
                let error = #expect(throws: AppendFailure.self) {
                    for _ in 0..<20 { try LogHarness.append(&log) }
                }
                // Nothing at all can be written: not even that nothing was.
                if case .unknown = error { return }
                #expect(log.last == last)
                harness.disk.failAll(nil)
                for _ in 0..<5 { try LogHarness.append(&log) }
            }
            try LogHarness(harness.disk.afterKill()).open()
        }
    }

    @Test("where no segment can be made, the end of the last one is kept for what uses the reserve")
    func reserve() throws {
        let harness = LogHarness(segmentBytes: 16 * 4096)
        try harness.create()
        try harness.open { log in
            // The shelf has no thread here, so that the first append that asks for a segment is told of the
            // failure.
            log.shelf.fail(.full)
            var count = 0
            let error = #expect(throws: AppendFailure.self) {
                while count < 30 {
                    var record = RecordBuilder()
                    record.add(Key.user("gone").bytes.span, nil)
                    try log.append(&record, timeMicroseconds: 1, usesReserve: false)
                    count += 1
                }
            }
            if case .nothing(.full) = error {} else { Issue.record("\(String(describing: error))") }
            #expect(count == 13)
            for _ in 0..<2 {
                var record = RecordBuilder()
                record.add(Key.user("gone").bytes.span, nil)
                try log.append(&record, timeMicroseconds: 1, usesReserve: true)
            }
            for _ in 0..<3 {
                var record = RecordBuilder()
                record.add(Key.user("gone").bytes.span, nil)
                // With no thread, this makes the next segment.
                try log.append(&record, timeMicroseconds: 1, usesReserve: false)
            }
            #expect(log.last.segment == 2)
        }
    }
}
