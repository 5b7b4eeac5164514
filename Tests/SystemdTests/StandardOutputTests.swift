import Audit
import Foundation
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
