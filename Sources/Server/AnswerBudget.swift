import Synchronization

/// How much memory answers take that wait for their clients, over all loops.
///
/// Who does not read is who pays. When there is too much, a loop closes those of its connections on which an answer has
/// waited longest: new requests may well come from clients that read at once, and refusing them would let the slow ones
/// shut everybody out. An answer that a client did not take in is lost to it as one is whose connection broke.
final class AnswerBudget: Sendable {
    private let max: Int
    private let count = Atomic<Int>(0)

    init(_ capacity: ServerConfiguration.Capacity) { max = capacity.outputBytesOfAllMax }

    /// Counts bytes in, or out if they are negative.
    func change(by bytes: Int) { count.wrappingAdd(bytes, ordering: .relaxed) }

    var isExceeded: Bool { count.load(ordering: .relaxed) > max }
    var bytes: Int { count.load(ordering: .relaxed) }
}
