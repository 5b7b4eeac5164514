import Counting
import HTTP

/// What the server has done since its start.
package struct ServerCounters: Sendable, Hashable {
    package var connectionsOpen = 0
    package var connectionsAccepted = 0
    /// Answered 503 or closed because as many are open as may be, or as many of their origin.
    package var connectionsRefusedForAll = 0
    package var connectionsRefusedForOrigin = 0
    /// Closed because none of the proxies has made them.
    package var connectionsRefusedAtDoor = 0
    package var handshakesFailed = 0
    package var requests = 0
    /// Messages that never became requests, by ``HTTP/Rejection/place``.
    package var rejectionsBy = [Int](repeating: 0, count: Rejection.words.count)
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

    /// All connections that were refused.
    package var connectionsRefused: Int {
        connectionsRefusedForAll + connectionsRefusedForOrigin + connectionsRefusedAtDoor
    }

    /// All messages that never became requests.
    package var rejections: Int { rejectionsBy.reduce(0, +) }
}

/// The counters of one worker: it alone adds, anyone reads.
final class WorkerCounters: Sendable {
    let handshakesFailed = Counter()
    let requests = Counter()
    /// By ``HTTP/Rejection/place``.
    private let rejections: InlineArray<16, Counter> = InlineArray { _ in Counter() }
    let timeouts = Counter()
    let slowReaders = Counter()
    /// Answers by route, tenant, method and status.
    let answers = AnswerCounters()

    /// Counts a message that never became a request.
    func note(_ rejection: Rejection) { rejections[rejection.place].add() }

    func add(to total: inout ServerCounters) {
        total.handshakesFailed += handshakesFailed.count
        total.requests += requests.count
        for place in Rejection.words.indices { total.rejectionsBy[place] += rejections[place].count }
        total.timeouts += timeouts.count
        total.slowReaders += slowReaders.count
    }
}
