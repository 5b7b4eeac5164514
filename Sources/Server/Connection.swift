import Counting
import HTTP
import Reactor

/// One connection from its first byte to its last; belongs to the worker of its loop.
///
/// ```
///   introducing ─► handshaking ─► serving ─────────────────────────────► lingering ─► (closed)
///   PROXY header   TLS              │ ▲   last answer sent                 the client reads it and closes, or time is up
///                                   ▼ │
///                           receive → parse → handle → send     one receive and one send per request in the usual case
/// ```
///
/// Its methods return what the worker has to do; only here is the socket touched.
final class Connection {
    enum Stage {
        /// A proxy is to tell for whom it has connected.
        case introducing
        case handshaking
        case serving
        case lingering
    }

    /// What the worker does next.
    enum Next {
        /// Nothing, until readiness, a deadline or the end of an operation.
        case wait
        /// Call ``advance(at:)`` again, after others had their turn.
        case again
        /// The same, after all that others have asked by then.
        case late
        /// Run this operation and give its response to ``finish(_:)``.
        case start(@Sendable () async -> Response)
        /// Get the next part of the answer and give it to ``finish(_:)``.
        case write(any ContentStream)
        /// Forget the connection.
        case close
    }

    /// Rounds of receiving and answering before others have their turn.
    private static let roundsMax = 2
    /// Requests answered in one round.
    private static let requestsPerRoundMax = 2
    /// Bytes sent in one round, which keep a loop for a fraction of a millisecond.
    ///
    /// No further request of a connection is looked at while more than ``ServerConfiguration/Capacity/outputBytesMax`` waits,
    /// so that a round which begins an operation sends all.
    private static let sentBytesPerRoundMax = 512 * 1024
    /// Whose last step took longer has its next one behind all that others ask, who would wait for several such.
    private static let longStep = Duration.microseconds(200)
    /// Contents up to this size are copied behind their heads, so that both are sent together.
    private static let copiedBodyBytesMax = 64 * 1024

    let registration: Registration
    var place: ConnectionCensus.Place
    /// Whoever has connected, or for whom a proxy has.
    var peer: Peer
    /// The proxies, where this connection is one's that tells with each request for whom it asks.
    let forwarders: TrustedProxies?
    /// For whom the message is whose head has come, where a proxy tells that.
    var messagePeer: Peer?
    let resources: LoopResources

    // The busiest properties are spared the runtime's check for overlapping accesses. Only the loop's thread comes here,
    // and nothing that changes one of them calls back into the connection.
    @exclusivity(unchecked) var channel: Channel
    @exclusivity(unchecked) var parser: RequestParser
    private(set) var stage: Stage
    @exclusivity(unchecked) var timing = ConnectionTiming()

    /// What the client has not read yet.
    ///
    /// Answers come here when the socket is full, and when they are long.
    @exclusivity(unchecked) var output = UnsentBytes()
    /// Whether the worker calls ``advance(at:)`` again in any case.
    var goesOnLater = false

    /// Whether its last step kept the loop for long.
    @exclusivity(unchecked) private var isLong = false

    /// What is counted of it in the budgets of all connections.
    @exclusivity(unchecked) var counted = CountedBytes()

    /// Whether answers lie in the loop's output until the end of its turn.
    private(set) var isWaitingForTurnEnd = false

    private var inputEnded = false
    private var closesAfterOutput = false
    /// Carries out the operation that is under way.
    var task: Task<Void, Never>?
    /// The request whose operation is under way.
    private var pending: (method: Int, since: LoopInstant, closes: Bool, takesChunks: Bool)?
    /// The answer that is being written and sent.
    var streamed: StreamedAnswer?
    /// Whether the client is to see that the connection has broken.
    var breaksOff = false

    init(
        registration: Registration,
        place: ConnectionCensus.Place,
        peer: Peer,
        channel: consuming Channel,
        resources: LoopResources
    ) {
        self.registration = registration
        self.place = place
        self.peer = peer
        self.resources = resources
        parser = RequestParser(limits: resources.configuration.limits, peer: peer)
        let proxies = place.isProxy ? resources.configuration.proxies : nil
        let isIntroduced = proxies?.source == .proxyProtocol
        forwarders = isIntroduced ? nil : proxies
        stage = isIntroduced ? .introducing : peer.isSecure ? .handshaking : .serving
        self.channel = channel
        updateDeadline()
    }

    /// Whether nothing is under way, so that closing harms nobody.
    var isIdle: Bool {
        switch stage {
        case .introducing, .handshaking: true
        case .serving:
            // One that goes on later may have a request that nobody has read yet.
            !hasPendingOperation && !goesOnLater && backlog == 0 && !isWaitingForTurnEnd
                && parser.phase == .idle
        case .lingering: false
        }
    }

    /// Whether nobody has asked anything yet: whoever has just connected would take a close for a refusal.
    var isNew: Bool { timing.messages == 0 }

    /// Bytes of answers that the client has not taken.
    var backlog: Int { output.count }

    /// Whether an operation is under way, or an answer being written.
    var hasPendingOperation: Bool { pending != nil || streamed != nil }

    /// On whose account it is served: that of its last request, 0 before the first one.
    var account: UInt32 { parser.account }

    /// Takes in readiness and goes on.
    func ready(_ readiness: Readiness) -> Next {
        // Nobody reads what we would send.
        if !readiness.isDisjoint(with: .hungUp) { return .close }
        channel.note(readiness)
        // Whoever closes while a query goes on has hardly any use for its answer; one who only ends sending is told to try again.
        if readiness.contains(.peerFinished) { task?.cancel() }
        guard !goesOnLater else { return .wait }
        // Whoever reads what waits for it is not kept waiting: that would count as slow reading.
        guard backlog == 0 else { return advance() }
        if isLong { return .late }
        let now = LoopInstant.now
        return resources.loop.sharesTurns(at: now) ? .again : advance(at: now)
    }

    /// Takes the response of the operation and goes on.
    func finish(_ response: Response) -> Next {
        guard let pending else { return .wait }
        self.pending = nil
        task = nil
        count(response, pending.method, since: pending.since)
        append(
            response,
            isHead: pending.method == Method.head.place,
            closes: pending.closes,
            takesChunks: pending.takesChunks
        )
        return advance()
    }

    /// Answers that the message is refused, and closes.
    func reject(_ rejection: Rejection) -> Next {
        append(rejection)
        return advance()
    }

    /// Does everything that can be done now.
    func advance(at start: LoopInstant = .now) -> Next {
        let next = step()
        isLong = start.advanced(by: Self.longStep) < .now
        if case .close = next { return next }
        updateDeadline()
        return next
    }

    private func step() -> Next {
        if stage == .introducing {
            switch introduce() {
            case .bytes: stage = peer.isSecure ? .handshaking : .serving
            case .wouldBlock: return .wait
            case .end, .failed:
                resources.counters.handshakesFailed.add()
                return .close
            }
        }
        if stage == .handshaking {
            switch channel.handshake() {
            case .bytes: stage = .serving
            case .wouldBlock: return .wait
            case .end, .failed:
                resources.counters.handshakesFailed.add()
                return .close
            }
        }
        for _ in 0..<Self.roundsMax {
            if stage == .lingering {
                guard discardInput() else { return .close }
                if !channel.mayReceive { return .wait }
                continue
            }
            let (operation, isExhausted) = answerBuffered()
            if isExhausted, mayWaitForTurnEnd, resources.output.wait(for: self) {
                isWaitingForTurnEnd = true
                return .wait
            }
            guard flush() else { return .close }
            if let operation { return .start(operation) }
            if let source = partDue() { return .write(source) }
            if backlog > 0, channel.mayHandshakeOrSend { continue }
            if hasPendingOperation { return .wait }
            if closesAfterOutput {
                guard backlog == 0 else { return .wait }
                if inputEnded { return .close }
                beginLingering()
                continue
            }
            if backlog > resources.configuration.capacity.outputBytesMax { return .wait }
            // Requests may be left in the buffer when the round was full or the client slow.
            if !isExhausted { continue }
            if inputEnded { return backlog == 0 ? .close : .wait }
            guard channel.mayReceive else { return .wait }
            guard receive() else { return .close }
        }
        return .again
    }
}

// MARK: - Requests and responses

extension Connection {
    /// Answers requests from the buffer until one needs an operation.
    ///
    /// - Returns: the operation, and whether the buffer holds no further request.
    private func answerBuffered() -> (operation: (@Sendable () async -> Response)?, isExhausted: Bool) {
        let outputBytesMax = resources.configuration.capacity.outputBytesMax
        var requests = 0
        while !hasPendingOperation, !closesAfterOutput {
            if requests == Self.requestsPerRoundMax { return (nil, false) }
            if backlog + resources.output.ownCount > outputBytesMax { return (nil, false) }
            do throws(Rejection) {
                switch try parser.next() {
                case .needMore:
                    guard parser.phase != .body || countBody() else { throw .tooManyBodies }
                    return (nil, true)
                case .head(var head):
                    if forwarders != nil { resolve(&head) }
                    admit(head)
                case .continueExpected: resources.output.bytes += ResponseEncoder.continueResponse
                case .request(var request):
                    requests += 1
                    if forwarders != nil {
                        resolve(&request)
                        messagePeer = nil
                    }
                    if let operation = handle(request) { return (operation, false) }
                    releaseBody()
                }
            } catch {
                append(error)
            }
        }
        return (nil, false)
    }

    private func handle(_ request: Request) -> (@Sendable () async -> Response)? {
        resources.counters.requests.add()
        timing.messages &+= 1
        let method = request.method.place
        let isHead = method == Method.head.place
        // The request may have waited since the loop woke.
        let since = resources.loop.now
        let outcome = resources.handler.handle(request)
        WorkAccount.current = account
        switch consume outcome {
        case .ready(let response):
            count(response, method, since: since)
            append(
                response,
                isHead: isHead,
                closes: request.closesConnection,
                takesChunks: request.takesChunks
            )
            return nil
        case .pending(let operation):
            guard resources.census.beginOperation() else {
                let response = resources.handler.response(to: .tooManyConnections, from: request.peer)
                count(response, method, since: since)
                append(response, isHead: isHead, closes: request.closesConnection)
                return nil
            }
            pending = (method, since, request.closesConnection, request.takesChunks)
            return operation
        }
    }

    /// Counts an answer, of which the first part at least is there; `method`: its place.
    func count(_ response: borrowing Response, _ method: Int, since: LoopInstant) {
        let time = LoopInstant.now.nanoseconds - since.nanoseconds
        resources.answerTally.note(response.mark, method, response.status.place, nanoseconds: Int(time))
    }

    func append(
        _ response: borrowing Response,
        isHead: Bool,
        closes: Bool,
        takesChunks: Bool = true
    ) {
        let rest = isHead ? nil : response.rest
        let closes = closes || resources.isDraining || (rest != nil && !takesChunks)
        let isLong = response.body.count > Self.copiedBodyBytesMax
        ResponseEncoder.encode(
            response,
            forHEAD: isHead || isLong,
            chunked: takesChunks,
            close: closes,
            overTLS: channel.tls != nil,
            date: resources.date,
            beginning: &resources.beginning,
            into: &resources.output.bytes
        )
        if let rest {
            begin(StreamedAnswer(source: rest, isChunked: takesChunks, closes: closes), with: response.body)
            return
        }
        if isLong, !isHead {
            keepOwn()
            output.append(response.body)
        }
        if closes { closesAfterOutput = true }
    }

    /// Notes that the whole of a streamed answer is there.
    func endStream() {
        guard let streamed else { return }
        self.streamed = nil
        if streamed.closes || resources.isDraining { closesAfterOutput = true }
    }

    private func append(_ rejection: Rejection) {
        resources.counters.note(rejection)
        parser.abandon()
        releaseBody()
        let response = resources.handler.response(to: rejection, from: messagePeer ?? peer)
        append(response, isHead: false, closes: true)
    }
}

// MARK: - Bytes

extension Connection {
    /// Receives once; false when the connection is broken.
    private func receive() -> Bool {
        switch channel.receive(into: &resources.input) {
        case .bytes(let count):
            if place.isRefused {
                append(.tooManyConnections)
            } else {
                feed(resources.input, count)
            }
            return true
        case .wouldBlock: return true
        case .end:
            inputEnded = true
            return true
        case .failed: return false
        }
    }

    private func feed(_ input: [UInt8], _ count: Int) { parser.append(input.span.extracting(first: count)) }

    /// Whether the answers can be sent later in the turn: nothing is to be done after them.
    private var mayWaitForTurnEnd: Bool {
        resources.output.ownCount > 0 && backlog == 0 && !channel.mayReceive && !inputEnded
            && !closesAfterOutput && !hasPendingOperation
    }

    /// Sends what waited for the end of the turn, which lies in `range` of the loop's output.
    func sendWaiting(_ range: Range<Int>) -> Next {
        isWaitingForTurnEnd = false
        guard let sent = send(resources.output.bytes, range) else { return .close }
        if sent < range.count {
            output.append(copying: resources.output.bytes[(range.lowerBound + sent)..<range.upperBound])
            countOutput()
            updateDeadline()
        }
        return .wait
    }

    /// Sends the answers as far as the socket takes them, or as much as a round may; false when the connection is broken.
    private func flush() -> Bool {
        let own = resources.output
        if output.isEmpty {
            let range = own.ownStart..<own.bytes.count
            guard !range.isEmpty else { return true }
            guard let sent = send(own.bytes, range) else { return false }
            guard sent < range.count else {
                own.removeOwn()
                return true
            }
            output.append(copying: own.bytes[(range.lowerBound + sent)...])
            own.removeOwn()
            countOutput()
            return true
        }
        keepOwn()
        defer { countOutput() }
        var left = Self.sentBytesPerRoundMax
        while left > 0, !output.isEmpty, channel.mayHandshakeOrSend {
            guard let sent = output.withFirst(left, send) else { return false }
            left -= sent
        }
        return true
    }

    /// Takes the connection's answers out of the loop's output.
    func keepOwn() {
        let own = resources.output
        output.append(copying: own.bytes[own.ownStart...])
        own.removeOwn()
    }

    /// Sends until the socket is full; nil when the connection is broken.
    private func send(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound, channel.mayHandshakeOrSend {
            switch channel.send(bytes.span.extracting(index..<range.upperBound)) {
            case .bytes(let count): index += count
            case .wouldBlock: break
            case .end, .failed: return nil
            }
        }
        timing.bytesSent &+= index - range.lowerBound
        return index - range.lowerBound
    }

    /// Announces the end, and lets the client read the last answer: closing a socket with unread bytes in it would
    /// reset the connection and could destroy the answer on its way (RFC 9112 §9.6).
    private func beginLingering() {
        channel.finishSending()
        stage = .lingering
        parser = RequestParser(limits: resources.configuration.limits, peer: peer)
    }

    /// Throws away what still comes; false when the client has finished.
    private func discardInput() -> Bool {
        guard channel.mayReceive else { return true }
        switch channel.discard(into: &resources.input) {
        case .bytes(let count):
            timing.bytesDiscarded &+= count
            return true
        case .wouldBlock: return true
        case .end, .failed: return false
        }
    }
}
