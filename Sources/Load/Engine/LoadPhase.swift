import OutgoingHTTP

/// How the requests of a test follow each other.
package enum Pace: Sendable, Hashable {
    /// Each connection sends its next request when the last one is answered.
    case closed
    /// So many a second in all, whatever the server does.
    case open(perSecond: Int)
}

/// What the connections of a test do for a while.
package struct LoadPhase: Sendable {
    package var place: ConnectionPlace
    package var connections: Int
    package var pace = Pace.closed
    /// Seconds whose requests are not counted in figures.
    package var warmUpSeconds = 0
    /// Seconds of which figures are taken; nil until the scripts have nothing left to send.
    package var durationSeconds: Int?
    package var timeoutSeconds: Int
    /// What the connection with a number sends.
    package var script: @Sendable (Int) -> any LoadScript

    package init(
        place: ConnectionPlace,
        connections: Int,
        timeoutSeconds: Int,
        script: @escaping @Sendable (Int) -> any LoadScript
    ) {
        self.place = place
        self.connections = connections
        self.timeoutSeconds = timeoutSeconds
        self.script = script
    }
}
