/// Counts values by size, for a histogram: one thread adds, anyone reads.
///
/// A reading may lie between the steps of an addition, so that its sum and its counts differ by one value.
package final class BucketCounter: Sendable {
    /// Most bounds that a histogram has.
    package static let boundsMax = 20

    /// What has been counted.
    package struct Reading: Sendable, Equatable {
        /// For each bound the values up to it and above the one before, and last those above all.
        package var counts: [Int]
        package var sum: Int

        /// All values.
        package var count: Int { counts.reduce(0, +) }

        /// Adds what another counter with the same bounds has counted.
        package static func += (left: inout Reading, right: Reading) {
            for index in left.counts.indices { left.counts[index] += right.counts[index] }
            left.sum += right.sum
        }
    }

    /// The largest value of each bucket, rising.
    package let bounds: [Int]
    private let counts: InlineArray<21, Counter>
    private let sum = Counter()

    /// A counter for whole numbers, such as nanoseconds.
    ///
    /// - Precondition: the bounds rise and are at most ``boundsMax``.
    package init(bounds: [Int]) {
        precondition(bounds.count <= Self.boundsMax, "too many buckets")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds rise")
        self.bounds = bounds
        counts = InlineArray { _ in Counter() }
    }

    /// Counts a value; only the writer calls it.
    package func record(_ value: Int) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index].add()
        sum.add(value)
    }

    /// What has been counted so far.
    package var reading: Reading {
        Reading(counts: (0...bounds.count).map { counts[$0].count }, sum: sum.count)
    }
}
