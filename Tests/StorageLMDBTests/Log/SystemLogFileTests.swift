import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("A file of the log on the real disk")
struct SystemLogFileTests {
    @Test("whole blocks and parts of blocks, in any order, are read as they were written last")
    func model() async throws {
        try await withTemporaryFolder { folder in try Self.model(SystemLogDisk(folder: folder)) }
    }

    static func model(_ disk: SystemLogDisk) throws {
        let file = try disk.create("file")
        var random = SeededGenerator(seed: 3)
        var model = [UInt8](repeating: 0, count: 64 * LogFormat.blockBytes)
        try file.writeAll(model.span, at: 0, durably: true)
        for _ in 0..<200 {
            let isWhole = Bool.random(using: &random)
            let unit = isWhole ? LogFormat.blockBytes : 1
            let start = Int.random(in: 0..<model.count / unit, using: &random) * unit
            let count = Int.random(in: 0...(model.count - start) / unit, using: &random) * unit
            let bytes = (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }
            if count > 0, Int.random(in: 0..<4, using: &random) == 0 {
                let written = try file.writeZeros(at: start, count: count)
                #expect(written == count)
                model.replaceSubrange(start..<start + count, with: [UInt8](repeating: 0, count: count))
            } else {
                let durably = Bool.random(using: &random)
                try file.writeAll(bytes.span, at: start, durably: durably)
                model.replaceSubrange(start..<start + count, with: bytes)
            }
            #expect(try file.read(at: 0, count: model.count) == model)
        }
        #expect(try disk.open("file").read(at: 0, count: model.count + 1) == model)
    }

    @Test("a record larger than what is written past the cache is written whole")
    func large() async throws {
        try await withTemporaryFolder { folder in
            let file = try SystemLogDisk(folder: folder).create("file")
            let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 12) }
            try file.writeAll(bytes.span, at: LogFormat.blockBytes, durably: true)
            #expect(try file.read(at: LogFormat.blockBytes, count: bytes.count) == bytes)
        }
    }
}
