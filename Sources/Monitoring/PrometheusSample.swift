internal import CoreMetrics
internal import Locking

/// One metric with one set of label values, as ``PrometheusMetrics`` keeps it.
final class PrometheusSample: Sendable {
    enum Form: Sendable { case counter, gauge, recorder, timer }

    /// Labels with their values, in the order in which they were given.
    struct Labels: Hashable, Sendable {
        let names: [String]
        let values: [String]

        init(_ dimensions: [(String, String)]) {
            names = dimensions.map(\.0)
            values = dimensions.map(\.1)
        }
    }

    /// A value, or a sum and the number of its terms.
    struct Content: Sendable {
        var value = 0.0
        var count = 0
    }

    let name: String
    let labels: Labels
    let form: Form
    private let state = Locked(Content())

    init(name: String, labels: Labels, form: Form) {
        self.name = name
        self.labels = labels
        self.form = form
    }

    var content: Content { state.withLock { $0 } }

    private func add(_ amount: Double) {
        state.withLock { state in
            state.value += amount
            state.count += 1
        }
    }
}

extension PrometheusSample: CounterHandler, FloatingPointCounterHandler {
    func increment(by amount: Int64) { add(Double(amount)) }

    func increment(by amount: Double) { add(amount) }

    func reset() { state.withLock { $0 = Content() } }
}

extension PrometheusSample: MeterHandler {
    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { state.withLock { $0.value = value } }

    func decrement(by amount: Double) { add(-amount) }
}

extension PrometheusSample: RecorderHandler {
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        if form == .gauge { set(value) } else { add(value) }
    }
}

extension PrometheusSample: TimerHandler {
    func recordNanoseconds(_ duration: Int64) { add(Double(duration) / 1_000_000_000) }
}
