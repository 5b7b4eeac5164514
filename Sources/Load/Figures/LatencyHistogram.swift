// After Gil Tene's HdrHistogram: counters for values on a scale that is linear within each power of two.

/// How often which latency came, to three significant digits, in memory that does not grow.
///
/// Values from 0 to 2047 ns have a counter each. Each power of two above is divided into 1024, so that a value is told
/// with an error below 0.1 %. Values beyond ``nanosecondsMax`` count as that.
package struct LatencyHistogram: Sendable {
    /// Longest latency that is told apart from longer ones: about 73 minutes.
    package static let nanosecondsMax = (1 << 42) - 1

    private static let halfBits = 10
    private static let half = 1 << halfBits
    private static let counterCount = (42 - halfBits) * half + half

    private var counters = [UInt64](repeating: 0, count: counterCount)
    /// How many values were recorded.
    package private(set) var count: UInt64 = 0
    private var sum = 0.0
    /// The smallest and the largest value in nanoseconds, exactly; 0 if there is none.
    package private(set) var (smallest, largest) = (0, 0)

    package init() {}

    /// Takes a value in nanoseconds; a negative one is 0.
    package mutating func record(_ nanoseconds: Int, times: UInt64 = 1) {
        let value = min(max(nanoseconds, 0), Self.nanosecondsMax)
        counters[Self.index(of: value)] += times
        smallest = count == 0 ? value : min(smallest, value)
        largest = max(largest, value)
        count += times
        sum += Double(value) * Double(times)
    }

    /// Takes what requests would have waited that were due at each `interval` while one of `nanoseconds` held them up:
    /// `nanoseconds - interval`, `nanoseconds - 2 * interval` and so on, as long as at least `least` is left.
    ///
    /// Its cost is bounded by the number of counters, however small the interval is.
    package mutating func recordHeldUp(
        by nanoseconds: Int,
        each interval: Int,
        least: Int,
        times: UInt64 = 1
    ) {
        precondition(interval > 0, "an interval lasts")
        let value = min(nanoseconds, Self.nanosecondsMax)
        guard value - interval >= least else { return }
        let most = (value - least) / interval
        guard most > Self.counterCount else {
            for step in 1...most { record(value - step * interval, times: times) }
            return
        }
        var step = 1
        while step <= most {
            let index = Self.index(of: value - step * interval)
            // All steps that fall into the same counter, the last of which is the smallest.
            let last = min(most, (value - Self.lowest(of: index)) / interval)
            let steps = last - step + 1
            record(value - (step + last) / 2 * interval, times: UInt64(steps) * times)
            step = last + 1
        }
    }

    /// These values and those that they held up, if a request was due at each `interval` (coordinated omission).
    package func corrected(each interval: Int) -> LatencyHistogram {
        var result = self
        guard interval > 0 else { return result }
        for index in counters.indices where counters[index] > 0 {
            let value = min(Self.middle(of: index), largest)
            result.recordHeldUp(by: value, each: interval, least: interval, times: counters[index])
        }
        return result
    }

    /// Adds the values of another.
    package mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        for index in counters.indices { counters[index] += other.counters[index] }
        smallest = count == 0 ? other.smallest : min(smallest, other.smallest)
        largest = max(largest, other.largest)
        count += other.count
        sum += other.sum
    }

    /// The value in nanoseconds that a share of the values do not exceed, from 0 to 1; 0 if there is none.
    package func quantile(_ share: Double) -> Int {
        guard count > 0 else { return 0 }
        // A share such as 0.99 has no exact value, so that its product may lie just above a whole number.
        let wanted = max(1, UInt64((share * Double(count) - 1e-6).rounded(.up)))
        var seen: UInt64 = 0
        for index in counters.indices where counters[index] > 0 {
            seen += counters[index]
            if seen >= wanted { return min(Self.highest(of: index), largest) }
        }
        return largest
    }

    /// The mean in nanoseconds; 0 if there is no value.
    package var mean: Int { count == 0 ? 0 : Int(sum / Double(count)) }
}

extension LatencyHistogram {
    private static func index(of value: Int) -> Int {
        let shift = max(0, Int.bitWidth - value.leadingZeroBitCount - 1 - halfBits)
        return shift << halfBits + value >> shift
    }

    private static func shift(of index: Int) -> Int { max(0, index >> halfBits - 1) }

    private static func lowest(of index: Int) -> Int {
        let shift = shift(of: index)
        return (index - shift << halfBits) << shift
    }

    private static func highest(of index: Int) -> Int { lowest(of: index) + 1 << shift(of: index) - 1 }

    private static func middle(of index: Int) -> Int { lowest(of: index) + (1 << shift(of: index)) / 2 }
}
