/// Writes the text format of Prometheus: each family with its help and type once, and then its samples.
struct PrometheusPage {
    private(set) var bytes: [UInt8] = []

    /// Adds a family that is declared, if it has samples.
    mutating func add(
        _ family: MetricFamily,
        _ samples: [String: [PrometheusSample.Labels: PrometheusSample]]
    ) {
        let names = family.labelsOfMetrics
        guard let first = samples[names[0]], !first.isEmpty else { return }
        begin(family.name, family.help, family.kind.rawValue)
        guard family.kind == .histogram else {
            for sample in Self.sorted(first.values) { add(family.name, sample.labels, sample.content.value) }
            return
        }
        // The buckets of one set of labels follow each other, by their bounds, and then its count and sum.
        let series = Dictionary(grouping: first.values) { Array($0.labels.values.dropLast()) }
        for (_, buckets) in series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let ordered = buckets.sorted { Self.bound($0) < Self.bound($1) }
            for bucket in ordered { add(names[0], bucket.labels, bucket.content.value) }
            guard let last = ordered.last else { continue }
            let pairs = zip(last.labels.names, last.labels.values).dropLast()
            let labels = PrometheusSample.Labels(Array(pairs))
            if let count = samples[names[1]]?[labels] { add(names[1], labels, count.content.value) }
            if let sum = samples[names[2]]?[labels] { add(names[2], labels, sum.content.value) }
        }
    }

    /// Adds a metric that is not declared.
    mutating func addUndeclared(_ name: String, _ samples: [PrometheusSample]) {
        guard let form = samples.first?.form else { return }
        let isSummary = form == .recorder || form == .timer
        begin(
            name,
            "Made by a library.",
            form == .counter ? "counter" : isSummary ? "summary" : "gauge"
        )
        for sample in Self.sorted(samples) {
            let content = sample.content
            if isSummary {
                add("\(name)_sum", sample.labels, content.value)
                add("\(name)_count", sample.labels, Double(content.count))
            } else {
                add(name, sample.labels, content.value)
            }
        }
    }

    /// A name with the characters that Prometheus allows.
    static func name(_ text: String) -> String {
        let name = String(
            String.UnicodeScalarView(text.unicodeScalars.map { isAllowed($0) ? $0 : "_" })
        )
        guard let first = name.unicodeScalars.first else { return "_" }
        return ("0"..."9").contains(first) ? "_\(name)" : name
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
            || scalar == "_"
    }

    private static func sorted(_ samples: some Collection<PrometheusSample>) -> [PrometheusSample] {
        samples.sorted { $0.labels.values.lexicographicallyPrecedes($1.labels.values) }
    }

    /// The bound of a bucket, which is the last of its labels.
    private static func bound(_ bucket: PrometheusSample) -> Double {
        bucket.labels.values.last.flatMap { $0 == "+Inf" ? .infinity : Double($0) } ?? .infinity
    }

    private mutating func begin(_ name: String, _ help: String, _ type: String) {
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        append("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
    }

    private mutating func add(_ name: String, _ labels: PrometheusSample.Labels, _ value: Double) {
        append(name)
        if !labels.names.isEmpty {
            let pairs = zip(labels.names, labels.values).map {
                "\(Self.name($0))=\"\(Self.escaped($1))\""
            }
            append("{\(pairs.joined(separator: ","))}")
        }
        append(" \(Self.text(value))\n")
    }

    private mutating func append(_ text: String) { bytes += text.utf8 }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int(exactly: value) { return "\(whole)" }
        return "\(value)"
    }
}
