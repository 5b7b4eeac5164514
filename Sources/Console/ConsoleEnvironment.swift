import Locking

/// What the console takes from outside, so that tests decide it.
package struct ConsoleEnvironment: Sendable {
    /// Microseconds since 1970.
    package var now: @Sendable () -> Int64
    /// 128 random bits that nobody can guess.
    package var randomness: @Sendable () -> (UInt64, UInt64)
    package var sha256: @Sendable ([UInt8]) -> [UInt8]
    package var constantTimeEquals: @Sendable ([UInt8], [UInt8]) -> Bool
    /// Where work is done that waits for other servers.
    package var background: any BackgroundWork

    package init(
        now: @escaping @Sendable () -> Int64,
        randomness: @escaping @Sendable () -> (UInt64, UInt64),
        sha256: @escaping @Sendable ([UInt8]) -> [UInt8],
        constantTimeEquals: @escaping @Sendable ([UInt8], [UInt8]) -> Bool,
        background: any BackgroundWork
    ) {
        self.now = now
        self.randomness = randomness
        self.sha256 = sha256
        self.constantTimeEquals = constantTimeEquals
        self.background = background
    }

    /// Random bytes that nobody can guess.
    func randomBytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let (a, b) = randomness()
            for word in [a, b] { bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        }
        return Array(bytes.prefix(count))
    }

    /// 256 random bits as 64 hexadecimal digits.
    func secret() -> String {
        let (a, b) = randomness()
        let (c, d) = randomness()
        return [a, b, c, d].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
