/// A figure that the server tells monitoring systems, with all its label values.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// Only rises, from 0 at the start of the process; its name ends in `_total`.
        case counter
        case gauge
        /// Counts of values up to bounds, of all, and their sum.
        case histogram
    }

    /// In words with underscores and with its unit, as Prometheus names metrics.
    package let name: String
    package let kind: Kind
    /// One sentence.
    package let help: String
    /// The names of its labels; a value is given for each.
    package let labels: [String]

    package init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
        precondition((kind == .counter) == name.hasSuffix("_total"), "\(name): only a counter ends in _total")
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }

    /// The names under which swift-metrics has it: a histogram is a counter for each bound, one of all values, and their sum.
    package var labelsOfMetrics: [String] {
        kind == .histogram ? ["\(name)_bucket", "\(name)_count", "\(name)_sum"] : [name]
    }
}
