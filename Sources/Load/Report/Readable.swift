/// Numbers as people read them.
package enum Readable {
    /// With commas between groups of three digits.
    package static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// Nanoseconds in the unit that suits them, with three digits.
    package static func duration(_ nanoseconds: Int) -> String {
        switch nanoseconds {
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: digits(Double(nanoseconds) / 1e3) + " µs"
        case ..<1_000_000_000: digits(Double(nanoseconds) / 1e6) + " ms"
        default: digits(Double(nanoseconds) / 1e9) + " s"
        }
    }

    package static func bytes(_ value: Int) -> String {
        switch value {
        case ..<1_000: "\(value) B"
        case ..<1_000_000: digits(Double(value) / 1e3) + " kB"
        case ..<1_000_000_000: digits(Double(value) / 1e6) + " MB"
        default: digits(Double(value) / 1e9) + " GB"
        }
    }

    /// Answers a second: whole ones, unless there are few.
    package static func rate(_ value: Double) -> String {
        value < 100 ? digits(value) : count(Int(value.rounded()))
    }

    /// Three digits, more only in front of the point.
    package static func digits(_ value: Double) -> String {
        value < 9.995 ? fixed(value, 2) : value < 99.95 ? fixed(value, 1) : fixed(value, 0)
    }

    /// So many digits behind the point.
    package static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "0" }
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let whole = (value < 0 && scaled > 0 ? "-" : "") + String(scaled / scale)
        guard places > 0 else { return whole }
        let fraction = String(scaled % scale)
        return whole + "." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
