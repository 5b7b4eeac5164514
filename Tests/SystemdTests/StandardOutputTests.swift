import Audit
import Foundation
import Glibc
import Storage
import Systemd
import TestSupport
import Testing

@Suite("Without a journal")
struct StandardOutputTests {
    @Test("each record is one line of JSON, and counts as delivered")
    func lines() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let descriptor = open(path, O_CREAT | O_RDWR, 0o600)
        defer {
            close(descriptor)
            unlink(path)
        }
        let rig = try JournalRig()
        let thread = RelayThread(running: rig.relay) { StandardOutputSink(descriptor: descriptor) }
        try await rig.commit(250)
        try await rig.delivered(250)
        rig.relay.stop()
        let hasEnded = await onOwnThread { thread.waitUntilEnded(within: .seconds(10)) }
        #expect(hasEnded)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 250)
        let first = try #require(lines.first.map { Data($0.utf8) })
        let object = try #require(try JSONSerialization.jsonObject(with: first) as? [String: Any])
        #expect(object["SCIM_EVENT"] as? String == "user.create")
        #expect(object["SCIM_ATTR"] as? [String] == ["active", "name.familyName"])
    }

    @Test("a descriptor that takes nothing refuses, and the record stays undelivered")
    func refused() {
        var sink = StandardOutputSink(descriptor: -1)
        var entry = JournalEntry()
        entry.add("SCIM_STREAM", "acme")
        entry.add("SCIM_SEQ", "1")
        let isTaken = sink.send([entry])
        #expect(!isTaken)
        var seen = 0
        sink.readBack { _ in seen += 1 }
        #expect(seen == 0)
    }

    @Test("a line that was written in part is ended before the next one, and whoever reads leaves it out")
    func torn() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        var long = JournalEntry()
        long.add("SCIM_STREAM", "acme")
        long.add("SCIM_SEQ", "1")
        long.add("SCIM_NOTE", String(repeating: "x", count: 100_000))
        var sink = StandardOutputSink(descriptor: ends[1])
        // It is more than a pipe holds.
        let isLongTaken = sink.send([long])
        #expect(!isLongTaken)
        var parser = EntryParser()
        var numbers: [String] = []
        func read() throws {
            var bytes = [UInt8](repeating: 0, count: 200_000)
            let count = Glibc.read(ends[0], &bytes, bytes.count)
            try parser.take(Array(bytes.prefix(max(0, count)))) { entry, _ in
                numbers.append(entry.value("SCIM_SEQ") ?? "")
            }
        }
        try read()
        var short = JournalEntry()
        short.add("SCIM_STREAM", "acme")
        short.add("SCIM_SEQ", "2")
        let isTaken = sink.send([short, short])
        #expect(isTaken)
        try read()
        #expect(numbers == ["2", "2"] && parser.tornCount == 1)
    }
}

@Suite("Thread pacer")
struct ThreadPacerTests {
    @Test("a signal before the wait ends it at once; without one it ends in time")
    func waits() async {
        let pacer = ThreadPacer()
        pacer.signal()
        let times = await onOwnThread {
            let start = pacer.monotonicMicroseconds
            pacer.wait(microsecondsMax: 10_000_000)
            let middle = pacer.monotonicMicroseconds
            pacer.wait(microsecondsMax: 5_000)
            let end = pacer.monotonicMicroseconds
            pacer.pause(microseconds: 2_000)
            return (middle - start, end - middle, pacer.monotonicMicroseconds - end)
        }
        #expect(times.0 < 5_000_000)
        #expect(times.1 >= 5_000)
        #expect(times.2 >= 2_000)
    }
}
