import HTTP
import Synchronization

/// Numbers requests: unique in a process, and not guessable from outside.
final class RequestIDs: Sendable {
    /// The higher half of every id.
    private let first: UInt64
    private let last: Atomic<UInt64>

    init() {
        var random = SystemRandomNumberGenerator()
        first = random.next()
        last = Atomic(random.next())
    }

    func next() -> RequestID {
        // An odd factor maps the running number to another one, so that neighbours do not look alike.
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
        return RequestID(high: first, low: number)
    }
}
