import Glibc
import HTTP
import JSON

extension LoadReport {
    /// The report as a page that needs nothing else: charts as SVG, their figures as tables, for light and dark.
    package var page: String {
        let title = "Load test of \(url.host): \(parameters.workload?.rawValue ?? "preparation")"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(escaped(title))</h1>
            <p>\(escaped(parameters.workload?.meaning ?? ""))</p>
            \(circumstances)
            \(runs.isEmpty ? "" : charts + figureTables)
            </main>
            </body>
            </html>

            """
    }

    private var circumstances: String {
        var loop = "closed: each connection sends its next request when the last one is answered"
        if case .open(let perSecond) = parameters.pace {
            loop = "open: \(Readable.count(perSecond)) requests a second, whatever the server does"
        }
        let facts = [
            ("Server", url.text), ("Date", started.text), ("Program", "pharos-scim \(version)"),
            ("Commit", parameters.commit ?? "not told"), ("Loop", loop),
            ("Connections", Readable.count(parameters.connections)),
            (
                "Time",
                "\(Readable.count(parameters.durationSeconds)) s, after \(Readable.count(parameters.warmUpSeconds)) s of warm-up"
            ),
            (
                "Machine of the test",
                "\(machine.processor), \(machine.processorCount) processors, \(Readable.bytes(machine.memoryBytes)), Linux \(machine.kernel), \(machine.system)"
            ),
        ]
        let rows = facts.map { "<tr><th scope=\"row\">\($0.0)</th><td>\(escaped($0.1))</td></tr>" }
        return """
            <div class="scroll"><table class="facts"><caption>Circumstances</caption>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }

    // MARK: - Charts

    private var charts: String {
        ([percentileChart.html, throughputChart.html] + (runs.count > 1 ? [sizeChart.html] : []))
            .joined(separator: "\n")
    }

    /// On an axis where each further nine is as far as the one before.
    private var percentileChart: LineChart {
        func series(_ name: String, _ histogram: LatencyHistogram) -> LineChart.Series {
            let points = stride(from: 0.0, through: 4.0, by: 0.05).map { nines in
                (x: nines, y: Double(histogram.quantile(1 - pow(10, -nines))) / 1e6)
            }
            return LineChart.Series(name: name, points: points)
        }
        let lines =
            runs.count == 1
            ? runs[0].latencies.map { series($0.name, $0.histogram) }
            : runs.map { series("\(Readable.count($0.users)) users", $0.latency) }
        return LineChart(
            title: "Latency by percentile",
            summary: "Latency by percentile; the table of latencies has the same figures",
            xLabel: "share of the answers that came within this time",
            yLabel: "ms",
            series: lines,
            xTicks: ["0 %", "90 %", "99 %", "99.9 %", "99.99 %"].enumerated().map {
                LineChart.Tick(value: Double($0), text: $1)
            }
        )
    }

    private var throughputChart: LineChart {
        let seconds = parameters.durationSeconds
        let lines = runs.map { run in
            // Answers behind the last whole second belong to requests that were under way at the end.
            let counts = Array(run.figures.perSecond.prefix(seconds))
            let step = max(1, counts.count / Self.pointsMax)
            let points = stride(from: 0, to: counts.count, by: step).map { start in
                let part = counts[start..<min(start + step, counts.count)]
                return (x: Double(start + 1), y: Double(part.reduce(0, +)) / Double(part.count))
            }
            return LineChart.Series(name: "\(Readable.count(run.users)) users", points: points)
        }
        let marks = Set([1, seconds / 4, seconds / 2, seconds * 3 / 4, seconds]).filter { $0 > 0 }.sorted()
        return LineChart(
            title: "Throughput over time",
            summary: "Answers in each second of the test; the table of figures has their average",
            xLabel: "second",
            yLabel: "answers a second",
            series: lines,
            xTicks: marks.map { LineChart.Tick(value: Double($0), text: Readable.count($0)) }
        )
    }

    private var sizeChart: LineChart {
        func series(_ name: String, _ share: Double) -> LineChart.Series {
            LineChart.Series(
                name: name,
                points: runs.map {
                    (x: log10(Double($0.users)), y: Double($0.latency.quantile(share)) / 1e6)
                }
            )
        }
        return LineChart(
            title: "Cost over size",
            summary: "Latency by the number of users; the table of figures has the same figures",
            xLabel: "users",
            yLabel: "ms",
            series: [series("median", 0.5), series("99 %", 0.99)],
            xTicks: runs.map {
                LineChart.Tick(value: log10(Double($0.users)), text: Readable.count($0.users))
            }
        )
    }

    private static let pointsMax = 600

    // MARK: - Tables

    private var figureTables: String {
        let figures = runs.map { run in
            [
                Readable.count(run.users), Readable.count(run.figures.answered),
                Readable.rate(run.figures.rate), Readable.duration(run.latency.quantile(0.5)),
                Readable.duration(run.latency.quantile(0.99)), Readable.count(run.figures.unexpected),
                Readable.count(run.figures.failed), Readable.count(run.figures.unsent),
            ]
        }
        let tables = [
            table(
                "Figures",
                [
                    "Users", "Answers", "Each second", "Median", "99 %", "Not as expected",
                    "Without an answer", "Not sent in time",
                ],
                figures
            )
        ]
        return (tables + runs.flatMap { self.tables(of: $0) }).joined(separator: "\n")
    }

    private func tables(of run: Run) -> [String] {
        let users = "\(Readable.count(run.users)) users"
        let latencies =
            Self.shares.map { share in
                [share.word] + run.latencies.map { Readable.duration($0.histogram.quantile(share.share)) }
            } + [["longest"] + run.latencies.map { Readable.duration($0.histogram.largest) }]
        let operations = run.figures.done.map { operation, figures in
            [
                operation.rawValue, Readable.count(Int(figures.service.count)),
                Readable.duration(figures.service.quantile(0.5)),
                Readable.duration(figures.service.quantile(0.99)), Readable.count(figures.unexpected),
            ]
        }
        let answers = run.figures.answers.sorted { $0.key < $1.key }.map {
            ["\($0.key)", Readable.count($0.value)]
        }
        return [
            table("Latency, \(users)", ["Share"] + run.latencies.map(\.name), latencies),
            table(
                "Operations, \(users)",
                ["Operation", "Answers", "Median", "99 %", "Not as expected"],
                operations
            ),
            table("Answers by status, \(users)", ["Status", "Answers"], answers),
        ]
    }

    private func table(_ caption: String, _ head: [String], _ rows: [[String]]) -> String {
        let heads = head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
        let lines = rows.map { row in
            "<tr><th scope=\"row\">\(escaped(row[0]))</th>"
                + row.dropFirst().map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
        }
        return """
            <div class="scroll" role="region" aria-label="\(escaped(caption))" tabindex="0">
            <table><caption>\(escaped(caption))</caption>
            <thead><tr>\(heads)</tr></thead>
            <tbody>\(lines.joined(separator: "\n"))</tbody></table></div>
            """
    }

    private static let style = """
        :root { color-scheme: light dark; --page: #fff; --text: #1c2126; --soft: #5a6570; --rule: #d9dee3;
          --c0: #1f63c4; --c1: #b4521b; --c2: #2b7d3a; --c3: #7a4bb5; --c4: #a3305f; --c5: #5c6b00; }
        @media (prefers-color-scheme: dark) { :root { --page: #14181c; --text: #e8ebee; --soft: #a3adb7;
          --rule: #333b43; --c0: #7db2ff; --c1: #f0a56b; --c2: #79d08a; --c3: #c3a2f5; --c4: #f08fb5;
          --c5: #c9d65c; } }
        body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; }
        figure { margin: 2rem 0; }
        figcaption, caption { font-weight: 600; text-align: left; padding: .25rem 0; }
        figure svg[role] { width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 12px; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: 0;
          color: var(--soft); font-size: .875rem; }
        .grid { stroke: var(--rule); }
        circle.line { fill: var(--page); }
        polyline.line { fill: none; } .line { stroke-width: 2; stroke-linejoin: round; }
        .dashed { stroke-dasharray: 6 4; }
        .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
        .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
        .scroll { overflow-x: auto; margin: 1.5rem 0; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { border-bottom: 1px solid var(--rule); padding: .3rem 1rem .3rem 0; text-align: right; }
        td, caption { white-space: nowrap; } .facts td { white-space: normal; }
        th { font-weight: 500; } th:first-child, .facts td { text-align: left; }
        thead th { color: var(--soft); }
        """
}
