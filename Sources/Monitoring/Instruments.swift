package import CoreMetrics
internal import Locking

/// Brings what the parts of the server have counted to swift-metrics, and so to whatever backend is put in.
///
/// ```
/// loops, commit thread, relay: numbers with one writer each ─┐
/// what is asked when it is needed: tenants, files, ages      ┴─► update ─► Counter, Meter … ─► MetricsFactory
/// ```
///
/// A request never comes here: parts count for themselves, and this reads what they have when a page is asked for, or every
/// few seconds. Counters get what has come since the last reading. A histogram is one counter for each bound, named
/// `…_bucket` with the bound as `le`, one of all values, `…_count`, and `…_sum`: to record each value once more would cost each request a lock.
package final class Instruments: Sendable {
    private struct Key: Hashable {
        let name: String
        let labels: [String]
    }

    private struct State {
        var counters: [Key: (instrument: CoreMetrics.Counter, last: Int)] = [:]
        var sums: [Key: (instrument: FloatingPointCounter, last: Double)] = [:]
        var meters: [Key: (instrument: Meter, reading: Int)] = [:]
        var readings = 0
    }

    private let factory: any MetricsFactory
    private let state = Locked(State())

    /// Instruments of a backend; several are one `MultiplexMetricsHandler`.
    package init(_ factory: any MetricsFactory) { self.factory = factory }

    /// Takes the figures of one moment; a gauge that is not among them any more goes.
    package func update(_ figures: [Figure]) {
        state.withLock { state in
            state.readings += 1
            for figure in figures { apply(figure, &state) }
            let reading = state.readings
            for (key, meter) in state.meters where meter.reading != reading {
                meter.instrument.destroy()
                state.meters[key] = nil
            }
        }
    }

    private func apply(_ figure: Figure, _ state: inout State) {
        let family = figure.family
        switch figure.value {
        case .gauge(let value):
            let key = Key(name: family.name, labels: figure.labels)
            let meter =
                state.meters[key]?.instrument
                ?? Meter(label: family.name, dimensions: figure.dimensions, factory: factory)
            meter.set(value)
            state.meters[key] = (meter, state.readings)
        case .total(let total): count(family.name, figure, nil, total, &state)
        case .seconds(let total): add(family.name, figure, total, &state)
        case .histogram(let histogram):
            var cumulative = 0
            for (bound, count) in zip(histogram.bounds + ["+Inf"], histogram.counts) {
                cumulative += count
                self.count("\(family.name)_bucket", figure, bound, cumulative, &state)
            }
            count("\(family.name)_count", figure, nil, cumulative, &state)
            add("\(family.name)_sum", figure, histogram.sum, &state)
        }
    }

    private func count(
        _ name: String,
        _ figure: Figure,
        _ bound: String?,
        _ total: Int,
        _ state: inout State
    ) {
        let key = Key(name: name, labels: figure.labels + (bound.map { [$0] } ?? []))
        let dimensions = figure.dimensions + (bound.map { [("le", $0)] } ?? [])
        let (counter, last) =
            state.counters[key] ?? (Counter(label: name, dimensions: dimensions, factory: factory), 0)
        if total > last { counter.increment(by: total - last) }
        state.counters[key] = (counter, max(last, total))
    }

    private func add(_ name: String, _ figure: Figure, _ total: Double, _ state: inout State) {
        let key = Key(name: name, labels: figure.labels)
        let (counter, last) =
            state.sums[key]
            ?? (FloatingPointCounter(label: name, dimensions: figure.dimensions, factory: factory), 0)
        if total > last { counter.increment(by: total - last) }
        state.sums[key] = (counter, max(last, total))
    }
}

/// A figure at one moment, with one value for each label of its family.
package struct Figure: Sendable {
    package enum Value: Sendable {
        case gauge(Double)
        /// What a counter has come to since the start.
        case total(Int)
        /// The same of a counter with fractions.
        case seconds(Double)
        case histogram(Histogram)
    }

    /// What has been counted by size.
    package struct Histogram: Sendable {
        /// The largest value of each bucket, as `le` has it.
        package let bounds: [String]
        /// Those of each bucket alone, and last of what is larger than all bounds.
        package let counts: [Int]
        package let sum: Double

        package init(bounds: [String], counts: [Int], sum: Double) {
            precondition(counts.count == bounds.count + 1, "a count for each bound, and one above")
            self.bounds = bounds
            self.counts = counts
            self.sum = sum
        }
    }

    package let family: MetricFamily
    package let labels: [String]
    package let value: Value

    package init(_ family: MetricFamily, _ labels: [String] = [], _ value: Value) {
        precondition(labels.count == family.labels.count, "\(family.name): a value for each label")
        self.family = family
        self.labels = labels
        self.value = value
    }

    package init(_ family: MetricFamily, _ labels: [String] = [], _ value: Int) {
        self.init(family, labels, family.kind == .counter ? .total(value) : .gauge(Double(value)))
    }

    fileprivate var dimensions: [(String, String)] { Array(zip(family.labels, labels)) }
}
