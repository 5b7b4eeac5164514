import HTTP
import JSON
import Reactor

/// What a load test came to, and under which circumstances.
package struct LoadReport: Sendable {
    /// Numbers of users and groups.
    package struct Resources: Sendable, Equatable {
        package var users = 0
        package var groups = 0
    }

    /// One run of the workload.
    package struct Run: Sendable {
        /// How many users the directory has, as far as the test knows.
        package let users: Int
        package let figures: PhaseFigures
        /// From the moment that requests were sent.
        package let service: LatencyHistogram
        /// From the moment that they were due; nil in a closed loop without an expected interval, where none ever is.
        package let response: LatencyHistogram?

        init(users: Int, figures: PhaseFigures, parameters: LoadParameters) {
            self.users = users
            self.figures = figures
            service = figures.service
            let interval = parameters.expectedIntervalMicroseconds.map { $0 * 1_000 }
            response = figures.response(parameters.pace, each: interval)
        }

        /// What clients waited, as far as it is known.
        package var latency: LatencyHistogram { response ?? service }

        /// The latencies that are known, with the words for them.
        var latencies: [(name: String, histogram: LatencyHistogram)] {
            [("service", service)] + (response.map { [("response", $0)] } ?? [])
        }
    }

    package let url: RemoteURL
    /// Of this program.
    package let version: String
    package let parameters: LoadParameters
    package let machine = Machine.current
    package let started = Timestamp(microseconds: Host.microsecondsSince1970())
    /// What the server says of itself; nil if it says nothing.
    package var provider: JSONObject?
    package var prepared = Resources()
    package var removed = Resources()
    package var runs: [Run] = []

    init(url: RemoteURL, version: String, parameters: LoadParameters) {
        self.url = url
        self.version = version
        self.parameters = parameters
    }

    /// Whether every request got the answer that was expected.
    package var isFaultless: Bool { runs.allSatisfy(\.figures.isFaultless) }

    /// Whether answers said that too much was asked for (429).
    package var isLimited: Bool { runs.contains { $0.figures.answers[429] != nil } }

    /// Shares of the answers whose latencies are told, with the words for them.
    static let shares: [(share: Double, name: String, word: String)] = [
        (0.5, "p50", "median"), (0.9, "p90", "90 %"), (0.99, "p99", "99 %"), (0.999, "p99.9", "99.9 %"),
        (0.9999, "p99.99", "99.99 %"),
    ]
}
