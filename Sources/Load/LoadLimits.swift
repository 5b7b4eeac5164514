import HTTP
import JSON

/// The bounds of a load test.
package enum LoadLimits {
    package static let connections = 1...4_096
    package static let loops = 1...64
    /// Requests a second of an open loop.
    package static let rate = 1...1_000_000
    /// Seconds that are measured.
    package static let durationSeconds = 1...86_400
    /// Seconds before that.
    package static let warmUpSeconds = 0...3_600
    /// Seconds until an answer counts as missing.
    package static let timeoutSeconds = 1...600
    package static let expectedIntervalMilliseconds = 0.001...600_000
    /// Directories of different sizes in one test.
    package static let sizesMax = 12
    package static let groups = 1...LoadNames.groupsMax
    /// Members of a prepared group, which travel in one request.
    package static let groupMembers = 0...10_000
    /// Names in a row that are missing before none is looked for any more: more than the requests that can be under way.
    static let gapMax = 4_096
    /// Failures after which a preparation is given up.
    static let preparationFailuresMax = 100
    /// Largest content of an answer.
    static let answerBytesMax = 16 << 20

    static var http: Limits {
        var limits = Limits()
        limits.bodyBytesMax = answerBytesMax
        return limits
    }

    static var answer: JSONLimits { .default }
}
