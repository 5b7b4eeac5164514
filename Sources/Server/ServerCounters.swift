/// What the server has done since its start.
package struct ServerCounters: Sendable, Hashable {
    package var connectionsOpen = 0
    package var connectionsAccepted = 0
    /// Answered 503 or closed because of a cap.
    package var connectionsRefused = 0
    package var handshakesFailed = 0
    package var requests = 0
    package var rejections = 0
    /// Connections closed because a deadline passed, idle ones not counted.
    package var timeouts = 0
    package var operationsUnderWay = 0

    package init() {}
}
