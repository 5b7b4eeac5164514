import CoreMetrics
import Locking
import Monitoring
import TestSupport
import Testing

@Suite("The page of figures")
struct PageTests {
    private static let gauge = MetricFamily("a_gauge", .gauge, "A gauge.", labels: ["name"])
    private static let counter = MetricFamily("b_total", .counter, "A counter\\with\nodd help.")
    private static let histogram = MetricFamily("c_seconds", .histogram, "Times.", labels: ["route"])
    private let metrics = PrometheusMetrics([gauge, counter, histogram])

    private func shown() throws -> MetricsPage {
        try MetricsPage(String(decoding: metrics.page(), as: UTF8.self))
    }

    @Test(
        "A family has help and type once; label values and help are escaped; the page is read back strictly"
    )
    func escaping() throws {
        let instruments = Instruments(metrics)
        let odd = "back\\slash \"quoted\"\nline"
        instruments.update([
            Figure(Self.gauge, [odd], .gauge(-1.5)), Figure(Self.gauge, ["plain"], 7),
            Figure(Self.counter, [], 3),
        ])
        let page = try shown()
        #expect(page.families.map(\.name) == ["a_gauge", "b_total"])
        #expect(page.families.map(\.type) == ["gauge", "counter"])
        #expect(page.value("a_gauge", ["name": odd]) == -1.5)
        #expect(page.value("a_gauge", ["name": "plain"]) == 7)
        #expect(page.value("b_total") == 3)
    }

    @Test("Values that are no numbers have the format's own words")
    func words() throws {
        let instruments = Instruments(metrics)
        instruments.update([
            Figure(Self.gauge, ["a"], .gauge(.infinity)), Figure(Self.gauge, ["b"], .gauge(-.infinity)),
            Figure(Self.gauge, ["c"], .gauge(.nan)), Figure(Self.gauge, ["d"], .gauge(0.00001)),
        ])
        let page = try shown()
        #expect(page.value("a_gauge", ["name": "a"]) == .infinity)
        #expect(page.value("a_gauge", ["name": "b"]) == -.infinity)
        #expect(page.value("a_gauge", ["name": "c"])?.isNaN == true)
        #expect(page.value("a_gauge", ["name": "d"]) == 0.00001)
    }

    @Test(
        "A counter shows what its source has come to, and never less; a gauge that is not told of any more goes"
    )
    func counting() throws {
        let instruments = Instruments(metrics)
        instruments.update([Figure(Self.counter, [], 0), Figure(Self.gauge, ["a"], 1)])
        #expect(try shown().value("b_total") == 0)
        instruments.update([Figure(Self.counter, [], 5), Figure(Self.gauge, ["b"], 2)])
        #expect(try shown().value("b_total") == 5)
        #expect(try shown().value("a_gauge", ["name": "a"]) == nil)
        #expect(try shown().value("a_gauge", ["name": "b"]) == 2)
        instruments.update([Figure(Self.counter, [], 4)])
        #expect(try shown().value("b_total") == 5)
        #expect(try shown().families.map(\.name) == ["b_total"])
    }

    @Test(
        "A histogram's buckets add up, to +Inf, in the order of their bounds, each set of labels for itself"
    )
    func histograms() throws {
        let instruments = Instruments(metrics)
        func told(_ route: String, _ counts: [Int], _ sum: Double) -> Figure {
            Figure(
                Self.histogram,
                [route],
                .histogram(Figure.Histogram(bounds: ["0.5", "2.5", "10.0"], counts: counts, sum: sum))
            )
        }
        instruments.update([told("Users", [1, 0, 0, 0], 0.25), told("Bulk", [0, 0, 0, 1], 100)])
        instruments.update([told("Users", [1, 2, 0, 3], 90.25), told("Bulk", [0, 0, 0, 1], 100)])
        let page = try shown()
        func bucket(_ bound: String) -> Double? {
            page.value("c_seconds_bucket", ["route": "Users", "le": bound])
        }
        #expect(["0.5", "2.5", "10.0", "+Inf"].map(bucket) == [1, 3, 3, 6])
        #expect(page.value("c_seconds_count", ["route": "Users"]) == 6)
        #expect(page.value("c_seconds_sum", ["route": "Users"]) == 90.25)
        #expect(page.value("c_seconds_count", ["route": "Bulk"]) == 1)
    }

    @Test("What libraries count by swift-metrics is on the page too, under names that Prometheus allows")
    func libraries() throws {
        Counter(label: "http.calls", dimensions: [("kind-of", "x")], factory: metrics).increment(by: 2)
        Recorder(label: "sizes", factory: metrics).record(3)
        Recorder(label: "sizes", factory: metrics).record(4)
        Gauge(label: "level", factory: metrics).record(9)
        CoreMetrics.Timer(label: "9 times", factory: metrics).recordMilliseconds(1_500)
        // The same name in another form is not shown.
        Gauge(label: "sizes", factory: metrics).record(1)
        let page = try shown()
        #expect(page.value("http_calls_total", ["kind_of": "x"]) == 2)
        #expect(page.value("sizes_sum") == 7)
        #expect(page.value("sizes_count") == 2)
        #expect(page.value("level") == 9)
        #expect(page.value("_9_times_seconds_sum") == 1.5)
    }

    @Test("A library cannot make the page grow without bounds")
    func bounded() throws {
        for index in 0..<(PrometheusMetrics.undeclaredMax + 10) {
            Counter(label: "calls", dimensions: [("id", "\(index)")], factory: metrics).increment()
        }
        #expect(try shown().samples.count == PrometheusMetrics.undeclaredMax)
    }

    @Test("Another backend of swift-metrics gets the same figures beside the page")
    func otherBackend() throws {
        let other = TotalsBackend()
        let instruments = Instruments(MultiplexMetricsHandler(factories: [metrics, other]))
        for total in [3, 8] {
            instruments.update([
                Figure(Self.counter, [], total),
                Figure(Self.gauge, ["a"], total),
                Figure(
                    Self.histogram,
                    ["Users"],
                    .histogram(Figure.Histogram(bounds: ["1.0"], counts: [total, 1], sum: 0.5))
                ),
            ])
        }
        #expect(other.totals["b_total"] == 8)
        #expect(other.totals["a_gauge{name=a}"] == 8)
        #expect(other.totals["c_seconds_bucket{route=Users,le=1.0}"] == 8)
        #expect(other.totals["c_seconds_bucket{route=Users,le=+Inf}"] == 9)
        #expect(other.totals["c_seconds_count{route=Users}"] == 9)
        #expect(other.totals["c_seconds_sum{route=Users}"] == 0.5)
        #expect(try shown().value("b_total") == 8)
    }

    @Test(
        "The strict reader takes no page that breaks the format",
        arguments: [
            "# HELP a_total Help.\n# TYPE a_total counter\na_total 1",
            "a_total 1\n",
            "# TYPE a_total counter\na_total 1\n",
            "# HELP a Help.\n# TYPE a counter\na 1\n",
            "# HELP a_total Help.\n# TYPE a_total counter\na_total -1\n",
            "# HELP a_total Help.\n# TYPE a_total counter\na_total 1\na_total 2\n",
            "# HELP a Help.\n# TYPE a gauge\nb 1\n",
            "# HELP a Help.\n# TYPE a gauge\na{x=\"1\" 1\n",
            "# HELP a Help.\n# TYPE a gauge\na{x=\"\\q\"} 1\n",
            "# HELP a Help.\n# TYPE a gauge\na one\n",
            "# HELP a Help.\n# TYPE a gauge\na 1\n# HELP a Help.\n# TYPE a gauge\na{x=\"2\"} 1\n",
            "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n",
            "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_count 2\na_sum 1\n",
        ]
    )
    func strict(page: String) throws {
        #expect(throws: MetricsPage.Fault.self) { try MetricsPage(page) }
    }

    @Test("Each figure has a name of its own, in words with the prefix of the program")
    func names() throws {
        let names = ServerMetrics.all.map(\.name)
        #expect(Set(names).count == names.count)
        for family in ServerMetrics.all {
            #expect(family.name.hasPrefix("pharos_scim_"))
            #expect(family.help.hasSuffix("."), "\(family.name)")
        }
    }
}

/// A backend that knows what its metrics have come to.
private final class TotalsBackend: MetricsFactory, Sendable {
    private final class Handler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
        TimerHandler, Sendable
    {
        let name: String
        let store: TotalsBackend

        init(_ name: String, _ store: TotalsBackend) {
            self.name = name
            self.store = store
        }

        func increment(by amount: Int64) { increment(by: Double(amount)) }
        func increment(by amount: Double) {
            store.values.withLock { [name] in $0[name, default: 0] += amount }
        }
        func decrement(by amount: Double) { increment(by: -amount) }
        func set(_ value: Int64) { set(Double(value)) }
        func set(_ value: Double) { store.values.withLock { [name] in $0[name] = value } }
        func record(_ value: Int64) { set(value) }
        func record(_ value: Double) { set(value) }
        func recordNanoseconds(_ duration: Int64) { set(duration) }
        func reset() {}
    }

    let values = Locked<[String: Double]>([:])
    var totals: [String: Double] { values.withLock { $0 } }

    private func handler(_ label: String, _ dimensions: [(String, String)]) -> Handler {
        let labels = dimensions.map { "\($0)=\($1)" }.joined(separator: ",")
        return Handler(labels.isEmpty ? label : "\(label){\(labels)}", self)
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        handler(label, dimensions)
    }
    func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { handler(label, dimensions) }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        handler(label, dimensions)
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        handler(label, dimensions)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        handler(label, dimensions)
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
