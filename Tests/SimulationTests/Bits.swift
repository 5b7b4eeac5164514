import Locking
import TestSupport

/// The randomness of the directory.
final class Bits: Sendable {
    private let generator: Locked<SeededGenerator>

    init(seed: UInt64) { generator = Locked(SeededGenerator(seed: seed)) }

    func next() -> (UInt64, UInt64) { generator.withLock { ($0.next(), $0.next()) } }
}
