package import CoreMetrics
internal import Locking

/// A backend of swift-metrics that shows a page in the text format of Prometheus (version 0.0.4).
///
/// Families that are declared have their help, and histograms their buckets. Other metrics, as libraries may make, get a
/// family of their own: a counter `…_total`, a gauge, or a summary with `_count` and `_sum`; a timer's is in seconds.
package final class PrometheusMetrics: Sendable {
    /// Metrics that are not declared, with all their label values; further ones are dropped.
    package static let undeclaredMax = 1_000

    private let families: [MetricFamily]
    private let declared: Set<String>
    private let samples = Locked<[String: [PrometheusSample.Labels: PrometheusSample]]>([:])

    /// `families`: in the order in which the page has them.
    package init(_ families: [MetricFamily]) {
        self.families = families
        declared = Set(families.flatMap(\.labelsOfMetrics))
    }

    /// The page as it stands.
    package func page() -> [UInt8] {
        let samples = samples.withLock { $0 }
        var page = PrometheusPage()
        for family in families { page.add(family, samples) }
        let others = samples.filter { !declared.contains($0.key) }.sorted { $0.key < $1.key }
        for (name, samples) in others { page.addUndeclared(name, samples.values.map { $0 }) }
        return page.bytes
    }

    private func sample(
        _ label: String,
        _ dimensions: [(String, String)],
        _ form: PrometheusSample.Form
    ) -> PrometheusSample {
        let name = declared.contains(label) ? label : Self.name(label, form)
        let labels = PrometheusSample.Labels(dimensions)
        return samples.withLock { samples in
            if let known = samples[name]?[labels], known.form == form { return known }
            let sample = PrometheusSample(name: name, labels: labels, form: form)
            // One name has one form on the page; what comes under it in another one is counted and not shown.
            if let other = samples[name]?.values.first, other.form != form { return sample }
            if !declared.contains(name) {
                let count = samples.filter { !declared.contains($0.key) }.reduce(0) { $0 + $1.value.count }
                guard count < Self.undeclaredMax else { return sample }
            }
            samples[name, default: [:]][labels] = sample
            return sample
        }
    }

    private func remove(_ handler: AnyObject) {
        guard let sample = handler as? PrometheusSample else { return }
        samples.withLock { samples in
            guard samples[sample.name]?[sample.labels] === sample else { return }
            samples[sample.name]?[sample.labels] = nil
            if samples[sample.name]?.isEmpty == true { samples[sample.name] = nil }
        }
    }

    /// A name as Prometheus allows it, for a metric that is not declared.
    private static func name(_ label: String, _ form: PrometheusSample.Form) -> String {
        let name = PrometheusPage.name(label)
        return switch form {
        case .counter: name.hasSuffix("_total") ? name : "\(name)_total"
        case .timer: "\(name)_seconds"
        case .gauge, .recorder: name
        }
    }
}

extension PrometheusMetrics: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        sample(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        sample(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        sample(label, dimensions, .gauge)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        sample(label, dimensions, aggregate ? .recorder : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        sample(label, dimensions, .timer)
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
