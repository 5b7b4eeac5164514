/// What the console takes from outside, so that tests decide it.
package struct ConsoleEnvironment: Sendable {
    /// Microseconds since 1970.
    package var now: @Sendable () -> Int64
    /// 128 random bits that nobody can guess.
    package var randomness: @Sendable () -> (UInt64, UInt64)
    package var sha256: @Sendable ([UInt8]) -> [UInt8]
    package var constantTimeEquals: @Sendable ([UInt8], [UInt8]) -> Bool

    package init(
        now: @escaping @Sendable () -> Int64,
        randomness: @escaping @Sendable () -> (UInt64, UInt64),
        sha256: @escaping @Sendable ([UInt8]) -> [UInt8],
        constantTimeEquals: @escaping @Sendable ([UInt8], [UInt8]) -> Bool
    ) {
        self.now = now
        self.randomness = randomness
        self.sha256 = sha256
        self.constantTimeEquals = constantTimeEquals
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
