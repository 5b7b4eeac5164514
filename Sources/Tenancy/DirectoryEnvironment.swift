import JSON
package import Locking
import Storage

/// What the core needs from outside: time, randomness, digests and threads, so that tests can replay them.
///
/// A reference type, because every request passes it along several times.
package final class DirectoryEnvironment: Sendable {
    /// The wall clock.
    package let now: @Sendable () -> Timestamp
    /// 128 bits from a cryptographically secure source.
    package let randomness: @Sendable () -> (UInt64, UInt64)
    /// SHA-256 (FIPS 180-4), 32 bytes.
    package let sha256: @Sendable (Span<UInt8>) -> [UInt8]
    /// Compares secrets of equal length in a time that does not depend on their content.
    package let constantTimeEquals: @Sendable (Span<UInt8>, Span<UInt8>) -> Bool

    /// Seals a content under a key of 32 bytes, so that nobody reads or changes it, and only the same context opens it.
    package let seal: @Sendable (_ content: [UInt8], _ key: [UInt8], _ context: [UInt8]) -> [UInt8]
    /// The content of a sealed message; nil if it was made with another key or context, or was changed.
    package let open: @Sendable (_ sealed: [UInt8], _ key: [UInt8], _ context: [UInt8]) -> [UInt8]?

    /// Does what would hold a loop for too long.
    package let background: any BackgroundWork

    package init(
        now: @escaping @Sendable () -> Timestamp,
        randomness: @escaping @Sendable () -> (UInt64, UInt64),
        sha256: @escaping @Sendable (Span<UInt8>) -> [UInt8],
        constantTimeEquals: @escaping @Sendable (Span<UInt8>, Span<UInt8>) -> Bool,
        seal: @escaping @Sendable (_ content: [UInt8], _ key: [UInt8], _ context: [UInt8]) -> [UInt8],
        open: @escaping @Sendable (_ sealed: [UInt8], _ key: [UInt8], _ context: [UInt8]) -> [UInt8]?,
        background: any BackgroundWork = ImmediateWork()
    ) {
        self.now = now
        self.randomness = randomness
        self.sha256 = sha256
        self.constantTimeEquals = constantTimeEquals
        self.seal = seal
        self.open = open
        self.background = background
    }

    /// The same with other threads.
    package func with(_ background: any BackgroundWork) -> DirectoryEnvironment {
        DirectoryEnvironment(
            now: now,
            randomness: randomness,
            sha256: sha256,
            constantTimeEquals: constantTimeEquals,
            seal: seal,
            open: open,
            background: background
        )
    }

    /// 256 random bits that nobody can guess, as 64 hexadecimal digits.
    package func randomDigits() -> String {
        let (a, b) = randomness()
        let (c, d) = randomness()
        return [a, b, c, d].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    /// A version for one change: 63 random bits, which no other change has, whatever store it is made in.
    package func makeVersion() -> CommitVersion { CommitVersion(max(1, randomness().0 >> 1)) }
}
