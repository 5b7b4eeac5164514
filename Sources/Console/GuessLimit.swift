import HTTP
import Locking

/// How often somebody may be wrong with a link, or begin to sign in by a provider, by address.
final class GuessLimit: Sendable {
    /// Wrong links of one address within ``window``.
    static let linksMax = 10
    /// Sign-ins of one address: many people may share it, and each attempt asks a provider.
    static let signInsMax = 120
    /// Microseconds: a minute.
    static let window: Int64 = 60_000_000
    /// Addresses that are remembered; beyond it the oldest are forgotten.
    static let addressesMax = 1_024

    private struct Guesses {
        var began: Int64
        var count: Int
    }

    private let countMax: Int
    private let now: @Sendable () -> Int64
    private let guesses = Locked<[UInt64: Guesses]>([:])

    init(max: Int, now: @escaping @Sendable () -> Int64) {
        countMax = max
        self.now = now
    }

    /// Seconds until the address may try again; nil if it may now.
    func wait(_ origin: UInt64) -> Int? {
        let now = now()
        return guesses.withLock { guesses in
            guard let own = guesses[origin], own.count >= countMax, now - own.began < Self.window
            else {
                return nil
            }
            return Int((own.began + Self.window - now + 999_999) / 1_000_000)
        }
    }

    /// Refuses an address that has tried too often.
    func check(_ exchange: Exchange) throws(ConsoleFault) {
        if let seconds = wait(exchange.request.peer.origin) { throw .tooMany(seconds: seconds) }
    }

    func note(_ exchange: Exchange) { note(exchange.request.peer.origin) }

    /// Counts an attempt.
    func note(_ origin: UInt64) {
        let now = now()
        guesses.withLock { guesses in
            if guesses.count >= Self.addressesMax, guesses[origin] == nil {
                guesses = guesses.filter { now - $0.value.began < Self.window }
                if guesses.count >= Self.addressesMax,
                    let oldest = guesses.min(by: { $0.value.began < $1.value.began })
                {
                    guesses[oldest.key] = nil
                }
            }
            if let own = guesses[origin], now - own.began < Self.window {
                guesses[origin]?.count = own.count + 1
            } else {
                guesses[origin] = Guesses(began: now, count: 1)
            }
        }
    }
}
