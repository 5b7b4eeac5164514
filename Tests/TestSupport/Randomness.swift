import Foundation

/// A generator whose sequence its seed decides (SplitMix64), so that a failure can be repeated.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of several; there has to be one.
    package mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &self)] }

    /// True once in `count` times.
    package mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}

/// How much tests of properties try.
///
/// `PHAROS_PROPERTY_FACTOR` in the environment multiplies it; without, they take a few seconds in a debug build.
package enum PropertyRounds {
    package static let factor =
        ProcessInfo.processInfo.environment["PHAROS_PROPERTY_FACTOR"].flatMap(Int.init) ?? 1

    /// One seed for each unit of work: `count` of them, times the factor.
    package static func seeds(_ count: Int) -> ClosedRange<UInt64> { 1...UInt64(count * max(1, factor)) }
}
