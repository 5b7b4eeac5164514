import Foundation
import TestSupport

/// The part of PromQL that the alert rules use, over a few pages of one server that was asked every so often.
///
/// Selectors with `=`, `!=`, `=~` and `!~`; `rate`, `increase`, `changes`; `sum by`; `histogram_quantile`; `+ - * /`; a comparison with a number.
/// As Prometheus does, a range takes the samples within it and says nothing of a series that has less than two of them.
struct PromQL {
    struct Fault: Error { let text: String }

    /// Pages with the seconds at which they were read, the last of which is now.
    let pages: [(at: Double, page: MetricsPage)]

    /// Labels, without the name, and the value.
    typealias Vector = [[String: String]: Double]

    private enum Value {
        case vector(Vector)
        case number(Double)
    }

    /// The series for which an expression is there; those that a comparison keeps.
    func evaluate(_ expression: String) throws -> Vector {
        var parser = Parser(text: Array(expression), query: self)
        let value = try parser.comparison()
        parser.skipSpaces()
        guard parser.index == parser.text.count, case .vector(let vector) = value else {
            throw Fault(text: "not understood from \(String(parser.text[parser.index...])): \(expression)")
        }
        return vector
    }

    fileprivate struct Selector {
        let name: String
        let matchers: [(label: String, operation: String, value: String)]

        func matches(_ sample: MetricsPage.Sample) -> Bool {
            guard sample.name == name else { return false }
            return matchers.allSatisfy { matcher in
                let value = sample.labels[matcher.label] ?? ""
                let isWhole =
                    value.range(of: "^(?:\(matcher.value))$", options: .regularExpression) != nil
                return switch matcher.operation {
                case "=": value == matcher.value
                case "!=": value != matcher.value
                case "=~": isWhole
                default: !isWhole
                }
            }
        }
    }

    private func now(_ selector: Selector) -> Vector {
        var vector: Vector = [:]
        for sample in pages.last?.page.samples ?? [] where selector.matches(sample) {
            vector[sample.labels] = sample.value
        }
        return vector
    }

    /// `rate`, `increase` or `changes` over a range of seconds.
    private func over(_ function: String, _ selector: Selector, _ seconds: Double) throws -> Vector {
        let end = pages.last?.at ?? 0
        let within = pages.filter { $0.at > end - seconds }
        var vector: Vector = [:]
        for labels in Set(within.flatMap { $0.page.samples.filter(selector.matches).map(\.labels) }) {
            let points = within.compactMap { at, page in
                page.samples.first { selector.matches($0) && $0.labels == labels }.map {
                    (at: at, value: $0.value)
                }
            }
            if function == "changes" {
                vector[labels] = Double(zip(points, points.dropFirst()).count { $0.value != $1.value })
                continue
            }
            guard let first = points.first, let last = points.last, last.at > first.at else { continue }
            var increase = 0.0
            // A counter that falls has begun anew.
            for (left, right) in zip(points, points.dropFirst()) {
                increase += right.value >= left.value ? right.value - left.value : right.value
            }
            let perSecond = increase / (last.at - first.at)
            vector[labels] = function == "rate" ? perSecond : perSecond * seconds
        }
        return vector
    }

    private static func sum(_ vector: Vector, by labels: [String]) -> Vector {
        vector.reduce(into: [:]) { sums, entry in
            sums[entry.key.filter { labels.contains($0.key) }, default: 0] += entry.value
        }
    }

    private static func quantile(_ share: Double, _ vector: Vector) -> Vector {
        let groups = Dictionary(grouping: vector) { entry in entry.key.filter { $0.key != "le" } }
        return groups.mapValues { buckets in
            let sorted = buckets.map { entry -> (bound: Double, count: Double) in
                let bound = entry.key["le"] ?? ""
                return (bound == "+Inf" ? .infinity : Double(bound) ?? .nan, entry.value)
            }.sorted { $0.bound < $1.bound }
            let rank = share * (sorted.last?.count ?? 0)
            guard rank > 0, let index = sorted.firstIndex(where: { $0.count >= rank }) else { return .nan }
            let lower = index == 0 ? (bound: 0, count: 0) : sorted[index - 1]
            guard sorted[index].bound.isFinite else { return lower.bound }
            let part = (rank - lower.count) / (sorted[index].count - lower.count)
            return lower.bound + (sorted[index].bound - lower.bound) * part
        }
    }

    private static func combine(_ operation: Character, _ left: Value, _ right: Value) throws -> Value {
        func apply(_ left: Double, _ right: Double) -> Double {
            switch operation {
            case "+": left + right
            case "-": left - right
            case "*": left * right
            default: left / right
            }
        }
        switch (left, right) {
        case (.number(let left), .number(let right)): return .number(apply(left, right))
        case (.vector(let left), .number(let right)):
            return .vector(left.mapValues { apply($0, right) })
        case (.number(let left), .vector(let right)):
            return .vector(right.mapValues { apply(left, $0) })
        case (.vector(let left), .vector(let right)):
            return .vector(
                left.reduce(into: [:]) { result, entry in
                    if let other = right[entry.key] { result[entry.key] = apply(entry.value, other) }
                }
            )
        }
    }

    private struct Parser {
        let text: [Character]
        let query: PromQL
        var index = 0

        mutating func comparison() throws -> Value {
            let left = try sum()
            skipSpaces()
            for operation in ["==", "!=", ">=", "<=", ">", "<"] where take(operation) {
                guard case .vector(let vector) = left, case .number(let number) = try sum() else {
                    throw Fault(text: "a comparison is of series with a number")
                }
                return .vector(
                    vector.filter { entry in
                        switch operation {
                        case "==": entry.value == number
                        case "!=": entry.value != number
                        case ">=": entry.value >= number
                        case "<=": entry.value <= number
                        case ">": entry.value > number
                        default: entry.value < number
                        }
                    }
                )
            }
            return left
        }

        private mutating func sum() throws -> Value {
            var value = try product()
            while let operation = takeOne("+-") { value = try combine(operation, value, product()) }
            return value
        }

        private mutating func product() throws -> Value {
            var value = try atom()
            while let operation = takeOne("*/") { value = try combine(operation, value, atom()) }
            return value
        }

        private mutating func atom() throws -> Value {
            skipSpaces()
            if take("(") {
                let value = try sum()
                try expect(")")
                return value
            }
            if let number = number() { return .number(number) }
            let name = word()
            switch name {
            case "rate", "increase", "changes":
                try expect("(")
                let selector = try selector(word())
                try expect("[")
                let seconds = try duration()
                try expect("]")
                try expect(")")
                return .vector(try query.over(name, selector, seconds))
            case "sum":
                skipSpaces()
                guard word() == "by" else { throw Fault(text: "sum by") }
                try expect("(")
                var labels: [String] = []
                repeat { labels.append(word()) } while takeOne(",") != nil
                try expect(")")
                try expect("(")
                guard case .vector(let vector) = try sum() else { throw Fault(text: "sum of a number") }
                try expect(")")
                return .vector(PromQL.sum(vector, by: labels))
            case "histogram_quantile":
                try expect("(")
                guard let share = number() else { throw Fault(text: "a quantile's share") }
                try expect(",")
                guard case .vector(let vector) = try sum() else { throw Fault(text: "quantile of a number") }
                try expect(")")
                return .vector(PromQL.quantile(share, vector))
            case "": throw Fault(text: "nothing at \(String(text[index...]))")
            default: return .vector(query.now(try selector(name)))
            }
        }

        private mutating func selector(_ name: String) throws -> Selector {
            var matchers: [(label: String, operation: String, value: String)] = []
            guard take("{") else { return Selector(name: name, matchers: []) }
            repeat {
                let label = word()
                guard let operation = ["=~", "!~", "!=", "="].first(where: { take($0) }) else {
                    throw Fault(text: "a matcher of \(label)")
                }
                try expect("\"")
                let start = index
                while index < text.count, text[index] != "\"" { index += 1 }
                matchers.append((label, operation, String(text[start..<index])))
                try expect("\"")
            } while takeOne(",") != nil
            try expect("}")
            return Selector(name: name, matchers: matchers)
        }

        private mutating func duration() throws -> Double {
            let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
            guard let number = number(), index < text.count, let unit = units[text[index]] else {
                throw Fault(text: "a duration")
            }
            index += 1
            return number * unit
        }

        private mutating func number() -> Double? {
            skipSpaces()
            let start = index
            while index < text.count, text[index].isNumber || text[index] == "." || isExponent { index += 1 }
            guard index > start, let number = Double(String(text[start..<index])) else {
                index = start
                return nil
            }
            return number
        }

        private var isExponent: Bool {
            text[index] == "e" && index > 0 && text[index - 1].isNumber && index + 1 < text.count
                && text[index + 1].isNumber
        }

        private mutating func word() -> String {
            skipSpaces()
            let start = index
            while index < text.count,
                text[index].isLetter || text[index].isNumber || "_:".contains(text[index])
            {
                index += 1
            }
            return String(text[start..<index])
        }

        mutating func skipSpaces() { while index < text.count, text[index].isWhitespace { index += 1 } }

        private mutating func take(_ token: String) -> Bool {
            skipSpaces()
            guard text[index...].starts(with: token) else { return false }
            index += token.count
            return true
        }

        private mutating func takeOne(_ tokens: String) -> Character? {
            skipSpaces()
            guard index < text.count, tokens.contains(text[index]) else { return nil }
            defer { index += 1 }
            return text[index]
        }

        private mutating func expect(_ token: String) throws {
            guard take(token) else { throw Fault(text: "\(token) is missing at \(String(text[index...]))") }
        }
    }
}
