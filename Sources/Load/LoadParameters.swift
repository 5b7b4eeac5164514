/// What a load test does; without its secret, so that a report can show it.
package struct LoadParameters: Sendable {
    /// Nil to prepare or clean up only.
    package var workload: Workload?
    /// How many users the directory has, as far as the test knows them; the test is done once for each number.
    package var sizes = [1_000]
    package var connections = 64
    package var loops = 1
    package var pace = Pace.closed
    package var durationSeconds = 30
    package var warmUpSeconds = 2
    package var timeoutSeconds = 10
    /// How often each connection of a closed loop would send if no answer kept it; nil if that is not known.
    package var expectedIntervalMicroseconds: Int?
    package var groups = 32
    package var groupMembers = 100
    /// Whether users and groups are made that are not there.
    package var prepares = false
    /// Whether all that load tests have made is deleted at the end.
    package var cleansUp = false
    /// What is measured, in the words of whoever tests.
    package var commit: String?

    package init() {}

    /// Whether anything but GET is sent.
    package var changes: Bool { prepares || cleansUp || workload?.changes ?? false }
}
