import OutgoingHTTP
import Reactor

/// One of a test's connections over its whole life: when it is lost, another takes its place.
final class LoadSeat {
    /// The request that is under way.
    struct Asking {
        let operation: LoadOperation
        /// When it was due; nil in a closed loop, where requests are due when they are sent.
        let due: LoopInstant?
        let sent: LoopInstant
        /// Whether it belongs to the figures.
        let isCounted: Bool
    }

    let script: any LoadScript
    @exclusivity(unchecked) var connection: KeptConnection?
    var registration: Registration?
    @exclusivity(unchecked) var asking: Asking?
    /// When the connection was begun.
    var begun = LoopInstant(nanoseconds: 0)
    /// When another connection is begun; nil while there is one.
    var reopens: LoopInstant?
    /// Whether it has opened a connection, or failed to, since the start.
    var hasBegun = false
    /// Whether the script has nothing left to send.
    var isDone = false

    init(script: any LoadScript) { self.script = script }
}
