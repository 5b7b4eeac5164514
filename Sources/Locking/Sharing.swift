/// Whether something works for several tenants, told by the turns from one to another.
package struct Sharing: Sendable {
    /// For how long it takes itself to be shared after such a turn, in nanoseconds.
    private static let time: Int64 = 1_000_000_000

    private var lastAccount: UInt32 = 0
    private var until: Int64 = 0

    package init() {}

    /// Notes for whom it works; 0, the server itself, does not count.
    ///
    /// `nanoseconds`: the time of a clock that never goes back.
    package mutating func note(_ account: UInt32, at nanoseconds: Int64) {
        guard account != lastAccount, account != 0 else { return }
        if lastAccount != 0 { until = nanoseconds + Self.time }
        lastAccount = account
    }

    package func isShared(at nanoseconds: Int64) -> Bool { nanoseconds < until }
}
