import JSON

/// What the core needs from outside: time, randomness and digests, so that tests can replay them.
package struct DirectoryEnvironment: Sendable {
    /// The wall clock.
    package let now: @Sendable () -> Timestamp
    /// 128 bits from a cryptographically secure source.
    package let randomness: @Sendable () -> (UInt64, UInt64)
    /// SHA-256 (FIPS 180-4), 32 bytes.
    package let sha256: @Sendable (Span<UInt8>) -> [UInt8]
    /// Compares digests of equal length in a time that does not depend on their content.
    package let constantTimeEquals: @Sendable ([UInt8], [UInt8]) -> Bool

    package init(
        now: @escaping @Sendable () -> Timestamp,
        randomness: @escaping @Sendable () -> (UInt64, UInt64),
        sha256: @escaping @Sendable (Span<UInt8>) -> [UInt8],
        constantTimeEquals: @escaping @Sendable ([UInt8], [UInt8]) -> Bool
    ) {
        self.now = now
        self.randomness = randomness
        self.sha256 = sha256
        self.constantTimeEquals = constantTimeEquals
    }
}
