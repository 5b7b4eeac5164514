import HTTP
import Reactor

/// With whom an exchange is, and until when it may last.
struct ExchangeTiming {
    let host: String
    let deadline: LoopInstant
    private let limit: Duration

    /// An exchange that begins now.
    init(host: String, within limit: Duration) {
        self.host = host
        self.limit = limit
        deadline = LoopInstant.now.advanced(by: limit)
    }

    var isOver: Bool { LoopInstant.now >= deadline }

    /// What is thrown when the deadline has come.
    var timeout: ExchangeError {
        .timeout(host: host, seconds: Int(limit.components.seconds))
    }
}
