internal import Glibc

/// Sends lines of the operational log to journald by its native protocol, without ever waiting for it.
///
/// A datagram has a field on each line; a value with a line break has its length in front instead
/// (<https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>). `sd_journal_sendv` would wait for a journal that hangs, on whichever thread has
/// something to tell; audit records have a thread for that, lines of the log have not.
package final class JournalSocket: Sendable {
    /// Where journald listens; a unit with `LogNamespace=` sees its namespace's there.
    package static let systemPath = "/run/systemd/journal/socket"
    /// Longer values are cut.
    package static let valueBytesMax = 16_384

    private let path: String
    private let descriptor: Int32

    /// Nil if there is no journal, or no socket can be had.
    package init?(path: String = JournalSocket.systemPath) {
        // The library copies the path.
        guard unsafe access(path, W_OK) == 0 else { return nil }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Sends one entry; false if the journal does not take it at once.
    ///
    /// - Precondition: names have capital letters, digits and underscores, and begin with a letter.
    package func send(_ fields: [(name: String, value: String)]) -> Bool {
        var message: [UInt8] = []
        for (name, value) in fields {
            precondition(Self.isName(name), "journald takes no field of the name \(name)")
            let value = Array(value.utf8.prefix(Self.valueBytesMax))
            message += name.utf8
            if value.contains(UInt8(ascii: "\n")) {
                message.append(UInt8(ascii: "\n"))
                for shift in 0..<8 { message.append(UInt8(truncatingIfNeeded: value.count >> (8 * shift))) }
            } else {
                message.append(UInt8(ascii: "="))
            }
            message += value
            message.append(UInt8(ascii: "\n"))
        }
        return send(message)
    }

    /// Each time to the path: a journal that was started again has another socket there.
    private func send(_ message: [UInt8]) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { return false }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        // Address and message outlive the call, which copies both.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe sendto(
                    descriptor,
                    message,
                    message.count,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
                    pointer,
                    socklen_t(MemoryLayout<sockaddr_un>.size)
                ) == message.count
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return name.utf8.first.map { capitals.contains($0) } ?? false
            && name.utf8.allSatisfy {
                capitals.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_")
            }
    }
}
