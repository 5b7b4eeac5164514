import Foundation
import Systemd
import Testing

@Suite("Lines of the log for the journal")
struct JournalSocketTests {
    /// What journald would receive, on a socket of its own.
    private final class FakeJournal {
        let path: String
        private let descriptor: Int32

        init() throws {
            path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0)
        }

        deinit {
            close(descriptor)
            unlink(path)
        }

        /// A message; nil if none is there.
        func receive() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : Array(buffer[..<count])
        }
    }

    @Test(
        "A field is a line; one with a line break has its length in front, so that nothing in it is taken for a field"
    )
    func fields() throws {
        let journal = try FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        #expect(socket.send([("MESSAGE", "two\nPRIORITY=0"), ("PRIORITY", "4"), ("SCIM_LOG_A1", "")]))
        let expected =
            Array("MESSAGE\n".utf8) + [14, 0, 0, 0, 0, 0, 0, 0]
            + Array("two\nPRIORITY=0\nPRIORITY=4\nSCIM_LOG_A1=\n".utf8)
        #expect(journal.receive() == expected)
        #expect(socket.send([("MESSAGE", String(repeating: "x", count: 100_000))]))
        #expect(journal.receive()?.count == 9 + JournalSocket.valueBytesMax)
    }

    @Test("A journal that does not read is not waited for, and one that has gone is noticed")
    func hanging() throws {
        var journal: FakeJournal? = try FakeJournal()
        let path = try #require(journal?.path)
        let socket = try #require(JournalSocket(path: path))
        let line = String(repeating: "x", count: 10_000)
        var sent = 0
        while sent < 100_000, socket.send([("MESSAGE", line)]) { sent += 1 }
        #expect(sent > 0 && sent < 100_000)
        #expect(journal?.receive() != nil)
        #expect(socket.send([("MESSAGE", "there is room again")]))
        journal = nil
        #expect(!socket.send([("MESSAGE", "nobody is there")]))
        #expect(JournalSocket(path: path) == nil)
    }
}
