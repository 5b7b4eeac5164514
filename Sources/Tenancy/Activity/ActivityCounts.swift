import JSON
import SCIM

/// What is counted by the hour.
///
/// The numbers stand in stored rows: none ever changes or is used again.
package enum ActivityCounter: Int, Sendable, CaseIterable {
    case requests = 0
    case created = 1
    case updated = 2
    case deactivated = 3
    case deleted = 4
    case membershipChanges = 5
    case credentialFailures = 6
    case refused = 7
    case serverFailures = 8
    case limited = 9

    /// The name in JSON.
    package var name: String { "\(self)" }
}

/// Counts of one hour; operations of a bulk request count as changes and failures, the request itself once.
package struct ActivityCounts: Sendable, Equatable {
    var values = SIMD16<UInt32>()

    package init() {}

    package var isEmpty: Bool { values == .zero }

    package subscript(counter: ActivityCounter) -> UInt32 {
        get { values[counter.rawValue] }
        set { values[counter.rawValue] = newValue }
    }

    package mutating func add(_ other: ActivityCounts) { values &+= other.values }

    /// The class of an answer's failure; nil if it is none.
    package static func failure(of exchange: ActivityExchange) -> ActivityCounter? {
        switch exchange.status {
        case _ where !exchange.isFailure: nil
        case 401: .credentialFailures
        case 429: .limited
        case 500...: .serverFailures
        default: .refused
        }
    }
}

/// An hour with its counts.
package struct ActivityHour: Sendable, Equatable {
    /// Hours since 1970.
    package let number: UInt32
    package var counts = ActivityCounts()

    package static func number(at time: Timestamp) -> UInt32 {
        UInt32(clamping: time.microseconds / 3_600_000_000)
    }

    package var start: Timestamp { Timestamp(microseconds: Int64(number) * 3_600_000_000) }
}

/// When a token was used first and last, and by which client.
package struct TokenUse: Sendable, Equatable {
    package let tokenID: String
    package var first: Timestamp
    package var time: Timestamp
    package var client: ClientProduct?
}
