/// The answers of one loop that are encoded and not sent yet.
///
/// ```
///   | answers that wait for the end of the turn | answers of the connection at work |
///   0                                           ownStart                            bytes.count
/// ```
///
/// Answers that nothing else hangs on wait until the loop has looked at every ready descriptor, and are then sent one
/// after the other. The first of them wakes a client that serves many connections, which finds the others without
/// being woken again; waking it for each one costs more than encoding the answers.
final class OutputBuffer {
    /// Bytes of answers that may wait.
    private static let waitingBytesMax = 256 * 1024
    /// Capacity that the buffer keeps.
    private static let capacityMax = 1024 * 1024

    /// Spared the runtime's check for overlapping accesses: nothing that changes it calls back.
    @exclusivity(unchecked) var bytes: [UInt8] = []
    private(set) var ownStart = 0
    /// Whose answers wait, and where those end.
    private var waiting: [(connection: Connection, end: Int)] = []

    /// Bytes of answers of the connection at work.
    var ownCount: Int { bytes.count - ownStart }

    /// Whether no answers of any connection wait for the end of the turn.
    var isNothingWaiting: Bool { waiting.isEmpty }

    /// Lets the answers of the connection at work wait; false if too much waits already.
    func wait(for connection: Connection) -> Bool {
        guard bytes.count <= Self.waitingBytesMax else { return false }
        waiting.append((connection, bytes.count))
        ownStart = bytes.count
        return true
    }

    /// Hands out each connection and where in ``bytes`` its answers are; they do not wait any more after that.
    func takeWaiting(_ send: (Connection, Range<Int>) -> Void) {
        guard !waiting.isEmpty else { return }
        var start = 0
        for (connection, end) in waiting {
            send(connection, start..<end)
            start = end
        }
        waiting.removeAll(keepingCapacity: true)
        if bytes.count == ownStart {
            removeAll()
        } else {
            bytes.removeSubrange(..<ownStart)
            ownStart = 0
        }
    }

    /// Drops the answers of the connection at work, once they are sent or kept elsewhere.
    func removeOwn() {
        if ownStart == 0 {
            removeAll()
        } else {
            bytes.removeSubrange(ownStart...)
        }
    }

    private func removeAll() {
        ownStart = 0
        // One huge answer must not keep its memory for ever.
        if bytes.capacity > Self.capacityMax {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
    }
}
