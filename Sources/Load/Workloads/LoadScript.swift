import HTTP
import Synchronization

/// What one connection sends, a request after the other; belongs to the loop of its connection.
package protocol LoadScript: AnyObject {
    /// Appends the next request.
    ///
    /// - Returns: what it does; nil if nothing is left to send.
    func next(_ output: inout [UInt8]) -> LoadOperation?

    /// Takes the answer to the last request, nil if none came.
    ///
    /// - Returns: whether it is as expected.
    func take(_ answer: ReceivedResponse?) -> Bool
}

/// Numbers that several scripts draw from, each once.
package final class NumberSource: Sendable {
    private let last: Atomic<Int>

    /// The first number is `first`.
    package init(from first: Int) { last = Atomic(first - 1) }

    package func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Random numbers that follow from a seed (SplitMix64), so that each test asks for the same.
struct LoadRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0xD134_2543_DE82_EF95 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Whom a workload asks for.
package struct Population: Sendable {
    /// How many users are there, by their numbers from 1 on.
    package var userCount: Int
    /// Their ids, where the workload needs them, in the order of their numbers.
    package var userIDs: [String] = []
    package var groupIDs: [String] = []
    /// The first so many users are members of each group.
    package var groupMembers = 0
    /// Numbers of users that are not there yet.
    package let unused: NumberSource

    package init(userCount: Int, unused: NumberSource) {
        self.userCount = userCount
        self.unused = unused
    }
}
