import Locking

/// What the console takes from outside, so that tests decide it.
package struct ConsoleEnvironment: Sendable {
    /// Microseconds since 1970.
    package var now: @Sendable () -> Int64
    /// 256 random bits that nobody can guess, as 64 hexadecimal digits.
    package var secret: @Sendable () -> String
    package var sha256: @Sendable ([UInt8]) -> [UInt8]
    package var constantTimeEquals: @Sendable ([UInt8], [UInt8]) -> Bool
    /// Where work is done that waits for other servers.
    package var background: any BackgroundWork
    /// For calls to identity providers and to the server's public address, which may hang: no page waits behind them.
    package var outgoing: any BackgroundWork

    package init(
        now: @escaping @Sendable () -> Int64,
        secret: @escaping @Sendable () -> String,
        sha256: @escaping @Sendable ([UInt8]) -> [UInt8],
        constantTimeEquals: @escaping @Sendable ([UInt8], [UInt8]) -> Bool,
        background: any BackgroundWork,
        outgoing: any BackgroundWork
    ) {
        self.now = now
        self.secret = secret
        self.sha256 = sha256
        self.constantTimeEquals = constantTimeEquals
        self.background = background
        self.outgoing = outgoing
    }
}
