import Synchronization

/// What the server has done since its start.
package struct ServerCounters: Sendable, Hashable {
    package var connectionsOpen = 0
    package var connectionsAccepted = 0
    /// Answered 503 or closed because of a cap.
    package var connectionsRefused = 0
    package var handshakesFailed = 0
    package var requests = 0
    /// Messages that never became requests.
    package var rejections = 0
    /// Connections closed because a deadline passed; idle ones are not counted.
    package var timeouts = 0
    /// Connections closed because too much waited to be read, and theirs had waited longest.
    package var slowReaders = 0
    /// Bytes of bodies that have not arrived whole, or whose requests are being carried out.
    package var bodyBytes = 0
    /// Memory of answers that wait to be read.
    package var outputBytes = 0
    package var operationsUnderWay = 0

    package init() {}
}

/// The counters of one worker: it alone adds, anyone reads.
final class WorkerCounters: Sendable {
    /// A number with one writer, which therefore needs no read-modify-write instruction.
    struct Counter: ~Copyable, Sendable {
        private let value = Atomic<Int>(0)

        func increment() { value.store(value.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }

        var count: Int { value.load(ordering: .relaxed) }
    }

    let handshakesFailed = Counter()
    let requests = Counter()
    let rejections = Counter()
    let timeouts = Counter()
    let slowReaders = Counter()

    func add(to total: inout ServerCounters) {
        total.handshakesFailed += handshakesFailed.count
        total.requests += requests.count
        total.rejections += rejections.count
        total.timeouts += timeouts.count
        total.slowReaders += slowReaders.count
    }
}
