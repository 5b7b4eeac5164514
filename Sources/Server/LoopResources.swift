import HTTP
import Reactor

/// What the connections of one loop share; it belongs to the loop's worker, like the connections.
final class LoopResources {
    /// Most that one receive takes; also what a connection may have buffered beyond one message.
    private static let inputBytesMax = 16 * 1024

    let loop: EventLoop
    let configuration: ServerConfiguration
    let handler: any RequestHandler
    let counters: WorkerCounters
    let census: ConnectionCensus
    let bodies: BodyBudget
    let answers: AnswerBudget
    let answerTally: AnswerTally

    /// Memory of answers that clients of this loop have not read.
    private var unreadBytes = 0
    /// Whether every answer is the last of its connection.
    var isDraining = false
    /// Whether connections without a request are no longer waited for.
    var isClosing = false
    // What is changed with every request is spared the runtime's check for overlapping accesses, as in a connection: only the
    // loop's thread comes here, and nothing that changes one of them calls back.

    /// Where every receive of the loop goes, so that an idle connection owns no buffer.
    @exclusivity(unchecked) var input = [UInt8](repeating: 0, count: LoopResources.inputBytesMax)
    let output = OutputBuffer()
    /// What the last answer began with.
    @exclusivity(unchecked) var beginning = ResponseBeginning()

    private var cachedDate = HTTPDate(secondsSince1970: 0)
    private var cachedDateSeconds: Int64 = 0

    init(
        loop: EventLoop,
        configuration: ServerConfiguration,
        handler: any RequestHandler,
        counters: WorkerCounters,
        census: ConnectionCensus,
        bodies: BodyBudget,
        answers: AnswerBudget,
        tenants: TenantPlaces
    ) {
        self.loop = loop
        self.configuration = configuration
        self.handler = handler
        self.counters = counters
        self.census = census
        self.bodies = bodies
        self.answers = answers
        answerTally = AnswerTally(counters.answers, tenants)
    }

    /// Counts memory of unread answers in, or out if it is negative.
    func countUnread(_ bytes: Int) {
        unreadBytes += bytes
        answers.change(by: bytes)
    }

    /// Whether some of what is unread has to go.
    var hasTooMuchUnread: Bool { answers.isExceeded(byLoopWith: unreadBytes) }

    /// The Date of answers made now; formatted once a second.
    var date: HTTPDate {
        if loop.wallSeconds != cachedDateSeconds {
            cachedDateSeconds = loop.wallSeconds
            cachedDate = HTTPDate(secondsSince1970: cachedDateSeconds)
        }
        return cachedDate
    }
}
