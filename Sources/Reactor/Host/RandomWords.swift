import Glibc
import Locking

/// The kernel's random numbers, asked for many at a time: a system call for each costs a change one percent.
///
/// What has been handed out is overwritten.
package final class RandomWords: Sendable {
    package static let shared = RandomWords()

    /// Words of one system call; up to 256 bytes are given without a break (getrandom(2)).
    private static let wordsMax = 32

    private let words = Locked<[UInt64]>([])

    /// 128 random bits.
    package func nextPair() -> (UInt64, UInt64) {
        words.withLock { words in
            if words.count < 2 { words = Self.fresh() }
            let last = words.count - 1
            defer {
                (words[last], words[last - 1]) = (0, 0)
                words.removeLast(2)
            }
            return (words[last], words[last - 1])
        }
    }

    private static func fresh() -> [UInt64] {
        var words = [UInt64](repeating: 0, count: wordsMax)
        let error = unsafe words.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress, $0.count) }
        // Fails only where the system call is forbidden.
        precondition(error == 0, "the kernel gives no random numbers")
        return words
    }
}
