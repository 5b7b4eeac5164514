import Foundation
import Load
import TestSupport
import Testing

@Suite("Histogram of latencies")
struct LatencyHistogramTests {
    @Test("A value is told with three significant digits, however large it is")
    func precision() {
        for value in [0, 1, 999, 2_047, 2_048, 2_049, 123_456, 9_999_999, 1_234_567_890, 60_000_000_000] {
            var histogram = LatencyHistogram()
            histogram.record(value)
            histogram.record(LatencyHistogram.nanosecondsMax)
            let told = histogram.quantile(0.5)
            #expect(told >= value)
            #expect(Double(told - value) <= Double(value) / 1_000)
        }
    }

    @Test("Of the numbers from 1 to 100,000 each percentile is what it is by definition")
    func uniform() {
        var histogram = LatencyHistogram()
        for value in 1...100_000 { histogram.record(value) }
        for share in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let exact = share * 100_000
            #expect(abs(Double(histogram.quantile(share)) - exact) <= exact / 1_000 + 1)
        }
        #expect(histogram.quantile(1) == 100_000)
        #expect((histogram.smallest, histogram.largest, histogram.count) == (1, 100_000, 100_000))
        #expect(abs(histogram.mean - 50_000) <= 1)
    }

    @Test("Of an exponential distribution the percentiles are those of its formula")
    func exponential() {
        var random = SeededGenerator(seed: 7)
        var histogram = LatencyHistogram()
        let mean = 1_000_000.0
        for _ in 0..<200_000 {
            let uniform = Double(random.next() >> 11) / Double(1 << 53)
            histogram.record(Int(-mean * log1p(-uniform)))
        }
        for share in [0.5, 0.9, 0.99] {
            let exact = -mean * log1p(-share)
            #expect(abs(Double(histogram.quantile(share)) - exact) < exact * 0.03)
        }
    }

    @Test("A pause of a second among answers of a millisecond counts for all requests that it held up")
    func coordinatedOmission() {
        // A connection that asks each 10 ms: 10,000 answers of 1 ms, then one of 100 s, as in Gil Tene's example.
        var measured = LatencyHistogram()
        measured.record(1_000_000, times: 10_000)
        measured.record(100_000_000_000)
        #expect(measured.quantile(0.9999) < 1_001_000)
        let corrected = measured.corrected(each: 10_000_000)
        #expect(corrected.count == 10_000 + 10_000)
        #expect(corrected.quantile(0.5) < 1_001_000)
        // Half of the time nothing was answered, so that three quarters of the requests waited less than 50 s.
        #expect(abs(Double(corrected.quantile(0.75)) - 50e9) < 50e9 / 500)
        #expect(corrected.largest == measured.largest)
    }

    @Test("What was held up is the same whether it is counted one by one or by counters")
    func heldUp() {
        let (value, interval) = (50_000_000, 1_000)
        var quick = LatencyHistogram()
        quick.recordHeldUp(by: value, each: interval, least: interval)
        var plain = LatencyHistogram()
        for step in 1...(value / interval - 1) { plain.record(value - step * interval) }
        #expect(quick.count == plain.count)
        for share in [0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 1] {
            let (one, other) = (Double(quick.quantile(share)), Double(plain.quantile(share)))
            #expect(abs(one - other) <= other / 500)
        }
    }

    @Test("Histograms of several loops add up, and none has no values")
    func merge() {
        var (one, other) = (LatencyHistogram(), LatencyHistogram())
        #expect((one.quantile(0.5), one.mean) == (0, 0))
        one.record(5, times: 3)
        other.record(900)
        other.record(-1)
        one.merge(other)
        one.merge(LatencyHistogram())
        #expect((one.count, one.smallest, one.largest) == (5, 0, 900))
        #expect(one.quantile(0.8) == 5)
    }

    @Test("What is beyond the range counts as its end")
    func range() {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        #expect(histogram.quantile(0.5) == LatencyHistogram.nanosecondsMax)
    }
}
