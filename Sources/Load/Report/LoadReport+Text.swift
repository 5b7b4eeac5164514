import HTTP

extension LoadReport {
    /// The report as text for a terminal, without a line feed at its end.
    package var text: String {
        var lines = runs.flatMap { run in run.lines(title(of: run)) + [""] }
        if runs.count > 1 { lines += comparison + [""] }
        if prepared != Resources() { lines.append("Made for the test: \(Self.text(prepared)).") }
        if removed != Resources() { lines.append("Deleted: \(Self.text(removed)).") }
        if isLimited {
            lines.append(
                "The server has a limit of requests a second (429); raise it to measure what it can do."
            )
        }
        if lines.isEmpty { lines = ["Nothing was to be done."] }
        if lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private func title(of run: Run) -> String {
        let loop =
            switch parameters.pace {
            case .closed: "closed loop"
            case .open(let perSecond): "open loop of \(Readable.count(perSecond))/s"
            }
        return "\(parameters.workload?.rawValue ?? ""): \(Readable.count(run.users)) users, "
            + "\(parameters.connections) connections, \(loop), \(parameters.durationSeconds) s, \(url.text)"
    }

    private var comparison: [String] {
        Self.columns(
            [["Users", "Each second", "Median", "99 %"]]
                + runs.map {
                    [
                        Readable.count($0.users), Readable.rate($0.figures.rate),
                        Readable.duration($0.latency.quantile(0.5)),
                        Readable.duration($0.latency.quantile(0.99)),
                    ]
                }
        )
    }

    private static func text(_ resources: Resources) -> String {
        "\(Readable.count(resources.users)) users and \(Readable.count(resources.groups)) groups"
    }

    /// Rows whose columns line up, all but the first to the right.
    fileprivate static func columns(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
    }
}

extension LoadReport.Run {
    fileprivate func lines(_ title: String) -> [String] {
        var facts = [["Answers", "\(Readable.count(figures.answered)), \(Readable.rate(figures.rate))/s"]]
        for (status, count) in figures.answers.sorted(by: { $0.key < $1.key }) {
            facts.append(["  status \(status)", Readable.count(count)])
        }
        facts.append(["Not as expected", Readable.count(figures.unexpected)])
        facts.append(["Without an answer", Readable.count(figures.failed)])
        for failure in LoadFailure.allCases where figures.count(of: failure) > 0 {
            facts.append(["  \(failure.meaning)", Readable.count(figures.count(of: failure))])
        }
        if figures.unsent > 0 { facts.append(["Could not be sent in time", Readable.count(figures.unsent)]) }
        facts.append([
            "Sent, received",
            "\(Readable.bytes(figures.bytesSent)), \(Readable.bytes(figures.bytesReceived))",
        ])
        let width = facts.map(\.[0].count).max() ?? 0
        let factLines = facts.map { fact in
            fact[0] + String(repeating: " ", count: width - fact[0].count) + "  " + fact[1]
        }
        return [title, ""] + factLines + [""] + latencyLines + [""] + operations
    }

    private var latencyLines: [String] {
        let rows = LoadReport.shares.map { share in
            [share.word] + latencies.map { Readable.duration($0.histogram.quantile(share.share)) }
        }
        return LoadReport.columns(
            [["Latency"] + latencies.map(\.name)] + rows
                + [["longest"] + latencies.map { Readable.duration($0.histogram.largest) }]
        )
    }

    private var operations: [String] {
        let rows = figures.done.map { operation, figures in
            [
                operation.rawValue, Readable.count(Int(figures.service.count)),
                Readable.duration(figures.service.quantile(0.5)),
                Readable.duration(figures.service.quantile(0.99)), Readable.count(figures.unexpected),
            ]
        }
        return rows.isEmpty
            ? []
            : LoadReport.columns([["Operation", "answers", "median", "99 %", "not as expected"]] + rows)
    }
}
