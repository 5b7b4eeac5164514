import Counting
import HTTP
import Reactor

/// Which deadline of a connection runs, and since when.
///
/// The loop's timer is set only when a deadline comes nearer; one that moved away is noticed when the timer fires. A
/// keep-alive connection at work therefore touches no timer.
struct ConnectionTiming {
    enum Wait: Hashable {
        case handshake
        case idle
        case head
        case body
        case output
        case linger
        /// For an operation, which has its own limits.
        case operation
    }

    private(set) var wait: Wait?
    private(set) var deadline = LoopInstant(nanoseconds: .max)
    /// What the loop's timer is set to.
    var armed: LoopInstant?

    /// Requests so far: tells the head of one message from the next one's.
    var messages = 0
    /// Bytes of answers that the socket has taken.
    var bytesSent = 0
    /// Bytes that came after the last answer and were thrown away.
    var bytesDiscarded = 0

    /// Whether the idle connection has given back what it keeps for its next request.
    private var isRested = false
    private var waitMessage = 0
    /// Bytes transferred when the current window began.
    private var windowBytes = 0
    /// When the transfer began, and how many bytes there were by then.
    private var transferStart = LoopInstant(nanoseconds: 0)
    private var transferStartBytes = 0

    /// Notes what the connection waits for now; `transferred` counts the bytes of a body or of answers.
    mutating func begin(
        _ wait: Wait,
        transferred: Int,
        now: LoopInstant,
        _ deadlines: ServerConfiguration.Deadlines
    ) {
        // Handshake, head, linger and windows run from their beginning; only idleness begins anew with each request.
        if wait == self.wait, wait != .idle, waitMessage == messages { return }
        self.wait = wait
        waitMessage = messages
        windowBytes = transferred
        transferStart = now
        transferStartBytes = transferred
        isRested = false
        deadline =
            switch wait {
            case .handshake: now.advanced(by: deadlines.handshake)
            case .idle: now.advanced(by: min(deadlines.rest, deadlines.idle))
            case .head: now.advanced(by: deadlines.head)
            case .body, .output: now.advanced(by: deadlines.transferWindow)
            case .linger: now.advanced(by: deadlines.linger)
            case .operation: LoopInstant(nanoseconds: .max)
            }
    }

    /// Begins the next window if the transfer was fast enough in the one that ended; false when it was not.
    mutating func beginNextWindow(
        transferred: Int,
        now: LoopInstant,
        _ deadlines: ServerConfiguration.Deadlines
    ) -> Bool {
        let milliseconds = deadlines.transferWindow.nanoseconds / 1_000_000
        let bytesMin = Int(milliseconds) * deadlines.bytesPerSecondMin / 1000
        guard transferred - windowBytes >= bytesMin, keepsRate(transferred, now, deadlines) else {
            return false
        }
        windowBytes = transferred
        deadline = now.advanced(by: deadlines.transferWindow)
        return true
    }

    /// Waits on for the next request of a client that was idle for long enough to rest; false when it has had its time.
    mutating func restOn(now: LoopInstant, _ deadlines: ServerConfiguration.Deadlines) -> Bool {
        guard !isRested else { return false }
        isRested = true
        deadline = transferStart.advanced(by: deadlines.idle)
        return now < deadline
    }

    /// Waits on for a client that has sent more after its last answer; false when it has not, or has had its time.
    mutating func lingerOn(now: LoopInstant, _ deadlines: ServerConfiguration.Deadlines) -> Bool {
        guard bytesDiscarded > windowBytes, now < transferStart.advanced(by: deadlines.lingerMax) else {
            return false
        }
        windowBytes = bytesDiscarded
        deadline = now.advanced(by: deadlines.linger)
        return true
    }

    /// Whether the transfer, as a whole, was fast enough in the time that it took beyond the grace.
    private func keepsRate(
        _ transferred: Int,
        _ now: LoopInstant,
        _ deadlines: ServerConfiguration.Deadlines
    ) -> Bool {
        let graceEnd = transferStart.advanced(by: deadlines.transferGrace)
        guard now > graceEnd else { return true }
        let milliseconds = Int((now.nanoseconds - graceEnd.nanoseconds) / 1_000_000)
        return (transferred - transferStartBytes) * 1000 >= milliseconds
            * deadlines.sustainedBytesPerSecondMin
    }
}

extension Connection {
    /// Finds out what the connection waits for, and sets the loop's timer if that is nearer than what it is set to.
    func updateDeadline() {
        let now = resources.loop.now
        let deadlines = resources.configuration.deadlines
        switch stage {
        case .introducing, .handshaking: timing.begin(.handshake, transferred: 0, now: now, deadlines)
        case .lingering: timing.begin(.linger, transferred: timing.bytesDiscarded, now: now, deadlines)
        case .serving:
            if backlog > 0 {
                timing.begin(.output, transferred: timing.bytesSent, now: now, deadlines)
            } else if hasPendingOperation {
                timing.begin(.operation, transferred: 0, now: now, deadlines)
            } else {
                switch parser.phase {
                // One that is to be refused must not keep its place for as long as an idle one may.
                case .idle where place.isRefused: timing.begin(.head, transferred: 0, now: now, deadlines)
                case .idle, .closed: timing.begin(.idle, transferred: 0, now: now, deadlines)
                case .head: timing.begin(.head, transferred: 0, now: now, deadlines)
                case .body: timing.begin(.body, transferred: parser.bodyBytesReceived, now: now, deadlines)
                }
            }
        }
        if timing.deadline < timing.armed ?? LoopInstant(nanoseconds: .max) { arm() }
    }

    /// The loop's timer fired.
    func deadlineReached() -> Next {
        let now = resources.loop.now
        let deadlines = resources.configuration.deadlines
        timing.armed = nil
        guard timing.deadline <= now else {
            if timing.wait != .operation { arm() }
            return .wait
        }
        switch timing.wait {
        case .operation, nil: return .wait
        case .idle:
            guard timing.restOn(now: now, deadlines) else { return .close }
            parser.rest()
            arm()
            return .wait
        case .linger:
            guard timing.lingerOn(now: now, deadlines) else { return .close }
            arm()
            return .wait
        case .output:
            if timing.beginNextWindow(transferred: timing.bytesSent, now: now, deadlines) {
                arm()
                return .wait
            }
        case .body:
            if timing.beginNextWindow(transferred: parser.bodyBytesReceived, now: now, deadlines) {
                arm()
                return .wait
            }
        case .handshake, .head: break
        }
        resources.counters.timeouts.add()
        switch timing.wait {
        case .head, .body: return reject(.timeout)
        default: return .close
        }
    }

    private func arm() {
        timing.armed = timing.deadline
        resources.loop.setDeadline(timing.deadline, of: registration)
    }
}
