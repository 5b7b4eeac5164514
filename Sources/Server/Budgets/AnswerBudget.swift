import Synchronization

/// How much memory answers take that wait for their clients, over all loops.
///
/// Who does not read is who pays. When there is too much, a loop that has more than its share closes those of its
/// connections on which an answer has waited longest: new requests may well come from clients that read at once, and
/// refusing them would let the slow ones shut everybody out. An answer that a client did not take in is lost to it as one is
/// whose connection broke. A loop within its share waits for the others, which look at each of their slow connections
/// every few seconds, so that all together never have more than twice what is allowed.
final class AnswerBudget: Sendable {
    private let max: Int
    /// What a loop may have in any case.
    private let share: Int
    private let count = Atomic<Int>(0)

    init(_ capacity: ServerConfiguration.Capacity, loops: Int) {
        max = capacity.outputBytesOfAllMax
        share = max / loops
    }

    /// Counts bytes in, or out if they are negative.
    func change(by bytes: Int) { count.wrappingAdd(bytes, ordering: .relaxed) }

    /// Whether a loop with so many of the bytes has to make room.
    func isExceeded(byLoopWith bytes: Int) -> Bool { bytes > share && self.bytes > max }

    var bytes: Int { count.load(ordering: .relaxed) }
}
