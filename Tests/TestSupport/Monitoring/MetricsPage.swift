/// A page in the text format of Prometheus (version 0.0.4), read strictly: what a lenient reader forgives is an error here.
///
/// A family has its help and its type once, and all its samples behind them; names, labels and values are of the grammar; counters end in
/// `_total`; of a histogram the buckets rise up to `+Inf`, which is its count.
package struct MetricsPage: Sendable {
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    package struct Sample: Sendable, Hashable {
        package let name: String
        package let labels: [String: String]
        package var value: Double

        package init(name: String, labels: [String: String], value: Double) {
            self.name = name
            self.labels = labels
            self.value = value
        }
    }

    package struct Family: Sendable {
        package let name: String
        package let type: String
        package let help: String
    }

    package private(set) var families: [Family] = []
    package var samples: [Sample] = []

    package init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Fault("the last line has no end") }
        var help: (name: String, text: String)?
        var seen: Set<String> = []
        var series: Set<Sample> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                guard parts.count == 2, Self.isName(parts[0]) else { throw Fault("help: \(line)") }
                guard help == nil else { throw Fault("two helps: \(line)") }
                try Self.checkEscapes(parts[1], quotes: false)
                help = (String(parts[0]), String(parts[1]))
            } else if line.hasPrefix("# TYPE ") {
                let parts = line.dropFirst(7).split(separator: " ")
                guard parts.count == 2, let begun = help, begun.name == parts[0] else {
                    throw Fault("a type without its help: \(line)")
                }
                guard ["counter", "gauge", "histogram", "summary"].contains(parts[1]) else {
                    throw Fault("type: \(line)")
                }
                guard seen.insert(begun.name).inserted else { throw Fault("twice: \(begun.name)") }
                families.append(Family(name: begun.name, type: String(parts[1]), help: begun.text))
                help = nil
            } else {
                guard help == nil, let family = families.last else { throw Fault("no family: \(line)") }
                let sample = try Self.sample(line)
                guard Self.names(of: family).contains(sample.name) else {
                    throw Fault("\(sample.name) is not of the family \(family.name)")
                }
                guard series.insert(Sample(name: sample.name, labels: sample.labels, value: 0)).inserted
                else {
                    throw Fault("twice: \(line)")
                }
                samples.append(sample)
            }
        }
        guard help == nil else { throw Fault("a help without a type") }
        for family in families { try check(family) }
    }

    /// The value of the one sample with these labels and maybe others; nil if there is none, or more than one.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0] == $1 }
        }
        return found.count == 1 ? found[0].value : nil
    }

    /// The values of all samples with these labels, added up.
    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0] == $1 }
        }.reduce(0) { $0 + $1.value }
    }

    private func check(_ family: Family) throws {
        let own = samples.filter { Self.names(of: family).contains($0.name) }
        guard !own.isEmpty else { throw Fault("\(family.name) has no sample") }
        guard (family.type == "counter") == family.name.hasSuffix("_total") else {
            throw Fault("\(family.name) is a \(family.type)")
        }
        if family.type == "counter" || family.type == "histogram" {
            guard own.allSatisfy({ $0.value >= 0 }) else { throw Fault("\(family.name) is below 0") }
        }
        guard family.type == "histogram" else { return }
        var byLabels: [[String: String]: [Sample]] = [:]
        for sample in own {
            var labels = sample.labels
            labels["le"] = nil
            byLabels[labels, default: []].append(sample)
        }
        for (labels, samples) in byLabels {
            let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
            let bounds = try buckets.map { bucket in
                guard let le = bucket.labels["le"], let bound = le == "+Inf" ? .infinity : Double(le) else {
                    throw Fault("\(family.name)\(labels): a bucket without a bound")
                }
                return bound
            }
            guard bounds == bounds.sorted(), Set(bounds).count == bounds.count, bounds.last == .infinity
            else {
                throw Fault("\(family.name)\(labels): bounds \(bounds)")
            }
            let counts = buckets.map(\.value)
            guard counts == counts.sorted() else { throw Fault("\(family.name)\(labels): counts \(counts)") }
            let count = samples.filter { $0.name == "\(family.name)_count" }.map(\.value)
            guard count == [counts.last ?? -1] else { throw Fault("\(family.name)\(labels): count \(count)") }
            guard samples.filter({ $0.name == "\(family.name)_sum" }).count == 1 else {
                throw Fault("\(family.name)\(labels): no sum")
            }
        }
    }

    private static func names(of family: Family) -> [String] {
        switch family.type {
        case "histogram": ["\(family.name)_bucket", "\(family.name)_count", "\(family.name)_sum"]
        case "summary": ["\(family.name)_count", "\(family.name)_sum"]
        default: [family.name]
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let end = line.firstIndex { $0 == "{" || $0 == " " } ?? line.endIndex
        guard isName(line[..<end]) else { throw Fault("name: \(line)") }
        var rest = line[end...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                guard let equals = rest.firstIndex(of: "="), isLabel(rest[..<equals]) else {
                    throw Fault("label: \(line)")
                }
                let name = String(rest[..<equals])
                rest = rest[rest.index(after: equals)...]
                let value = try quoted(&rest)
                guard labels.updateValue(value, forKey: name) == nil else {
                    throw Fault("label twice: \(line)")
                }
                guard rest.first == "," else { break }
                rest.removeFirst()
            }
            guard rest.popFirst() == "}" else { throw Fault("labels: \(line)") }
        }
        guard rest.popFirst() == " ", let value = number(rest) else { throw Fault("value: \(line)") }
        return Sample(name: String(line[..<end]), labels: labels, value: value)
    }

    private static func quoted(_ rest: inout Substring) throws -> String {
        guard rest.popFirst() == "\"" else { throw Fault("a label's value has no quotes: \(rest)") }
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                switch rest.popFirst() {
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                case "n": value.append("\n")
                default: throw Fault("escape: \(rest)")
                }
            default: value.append(character)
            }
        }
        throw Fault("a label's value does not end")
    }

    private static func checkEscapes(_ text: Substring, quotes: Bool) throws {
        var rest = text
        while let character = rest.popFirst() {
            guard character == "\\" else { continue }
            guard let next = rest.popFirst(), next == "\\" || next == "n" else {
                throw Fault("escape: \(text)")
            }
        }
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        case "NaN": return .nan
        default:
            let allowed = "0123456789+-.eE"
            return text.allSatisfy { allowed.contains($0) } ? Double(text) : nil
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        text.first.map { !$0.isNumber } ?? false
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ":") }
    }

    private static func isLabel(_ text: Substring) -> Bool {
        text.first.map { !$0.isNumber } ?? false && text.utf8.allSatisfy(isWord)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}
