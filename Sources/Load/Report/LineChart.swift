/// A chart of lines as an SVG element, which takes its colours from the page around it.
struct LineChart {
    struct Series {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    /// A mark on an axis.
    struct Tick {
        let value: Double
        let text: String
    }

    let title: String
    /// What the chart shows, for those who do not see it.
    let summary: String
    let xLabel: String
    let yLabel: String
    let series: [Series]
    let xTicks: [Tick]

    private static let (width, height) = (720.0, 320.0)
    private static let (left, right, top, bottom) = (72.0, 36.0, 16.0, 52.0)
    /// Colours of the page; further lines are dashed.
    private static let colours = 6
    /// Marks on the vertical axis, about.
    private static let ticks = 5.0

    /// The chart with its legend.
    var html: String {
        let xs = series.flatMap { $0.points.map(\.x) } + xTicks.map(\.value)
        let highest = series.flatMap { $0.points.map(\.y) }.max() ?? 0
        guard let first = xs.min(), let last = xs.max() else { return "" }
        let step = Self.step(highest)
        let yMax = max((highest / step).rounded(.up), 1) * step
        func x(_ value: Double) -> String {
            let share = last > first ? (value - first) / (last - first) : 0.5
            return Readable.fixed(Self.left + share * (Self.width - Self.left - Self.right), 1)
        }
        func y(_ value: Double) -> String {
            Readable.fixed(
                Self.height - Self.bottom - value / yMax * (Self.height - Self.top - Self.bottom),
                1
            )
        }
        var parts: [String] = []
        for index in 0...Int((yMax / step).rounded()) {
            let value = Double(index) * step
            parts.append(Self.line(Readable.fixed(Self.left, 1), y(value), x(last), y(value), "grid"))
            parts.append(
                #"<text x="\#(Readable.fixed(Self.left - 8, 1))" y="\#(y(value))" dy="4" text-anchor="end">\#(Self.number(value, step))</text>"#
            )
        }
        for tick in xTicks {
            parts.append(
                #"<text x="\#(x(tick.value))" y="\#(Readable.fixed(Self.height - Self.bottom + 20, 1))" text-anchor="middle">\#(escaped(tick.text))</text>"#
            )
        }
        for (index, one) in series.enumerated() {
            let points = one.points.map { "\(x($0.x)),\(y($0.y))" }.joined(separator: " ")
            parts.append(#"<polyline class="\#(Self.style(index))" points="\#(points)"/>"#)
            if one.points.count <= LoadLimits.sizesMax {
                parts += one.points.map {
                    #"<circle class="\#(Self.style(index))" cx="\#(x($0.x))" cy="\#(y($0.y))" r="3.5"/>"#
                }
            }
        }
        let middle = Readable.fixed((Self.top + Self.height - Self.bottom) / 2, 1)
        parts.append(
            #"<text x="\#(Readable.fixed((Self.left + Self.width) / 2, 1))" y="\#(Readable.fixed(Self.height - 8, 1))" text-anchor="middle">\#(escaped(xLabel))</text>"#
        )
        parts.append(
            #"<text transform="translate(14 \#(middle)) rotate(-90)" text-anchor="middle">\#(escaped(yLabel))</text>"#
        )
        let legend = series.enumerated().map { index, one in
            #"<li><svg width="24" height="8" aria-hidden="true"><line class="\#(Self.style(index))" x1="0" y1="4" x2="24" y2="4"/></svg> \#(escaped(one.name))</li>"#
        }
        return """
            <figure><figcaption>\(escaped(title))</figcaption>
            \(series.count > 1 ? "<ul class=\"legend\">\(legend.joined())</ul>" : "")
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(escaped(summary))">
            \(parts.joined(separator: "\n"))
            </svg></figure>
            """
    }

    private static func line(
        _ x1: String,
        _ y1: String,
        _ x2: String,
        _ y2: String,
        _ style: String
    ) -> String {
        #"<line class="\#(style)" x1="\#(x1)" y1="\#(y1)" x2="\#(x2)" y2="\#(y2)"/>"#
    }

    private static func style(_ index: Int) -> String {
        "line c\(index % colours)" + (index >= colours ? " dashed" : "")
    }

    /// A step of 1, 2 or 5 times a power of ten that divides the axis into about five.
    private static func step(_ highest: Double) -> Double {
        guard highest > 0 else { return 1 }
        var power = 1.0
        while power * 10 <= highest / ticks { power *= 10 }
        while power > highest / ticks { power /= 10 }
        for factor in [1.0, 2, 5] where highest / (power * factor) <= ticks + 1 { return power * factor }
        return power * 10
    }

    private static func number(_ value: Double, _ step: Double) -> String {
        var places = 0
        var scaled = step
        while scaled < 0.999, places < 6 {
            scaled *= 10
            places += 1
        }
        return places == 0 ? Readable.count(Int(value.rounded())) : Readable.fixed(value, places)
    }
}

/// A text inside HTML.
func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        default: result.append(character)
        }
    }
    return result
}
