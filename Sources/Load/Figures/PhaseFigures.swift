/// The figures of one operation.
package struct OperationFigures: Sendable {
    /// From the moment that a request was sent to its answer's last byte.
    package var service = LatencyHistogram()
    /// In an open loop from the moment that it was due; in a closed loop empty.
    package var response = LatencyHistogram()
    /// Answers that were not as expected.
    package var unexpected = 0
}

/// What came of a phase, on one worker or on all.
package struct PhaseFigures: Sendable {
    /// By ``LoadOperation/index``.
    private(set) var operations = [OperationFigures?](repeating: nil, count: LoadOperation.allCases.count)
    /// Answers by their status code.
    package private(set) var statuses: [Int: Int] = [:]
    /// The last status and how often it came in a row, so that a table is looked at seldom.
    private var lastStatus = (code: 200, count: 0)
    private var failures = [Int](repeating: 0, count: LoadFailure.allCases.count)
    /// Answers in each second.
    package private(set) var perSecond: [Int] = []
    /// Requests before the figures began.
    package var warmUp = 0
    /// Requests that an open loop could not send before its end, since all connections waited.
    package var unsent = 0
    /// How long they had waited then.
    package var unsentWaits = LatencyHistogram()
    /// Bytes of HTTP, with those of the warm-up.
    package var (bytesSent, bytesReceived) = (0, 0)
    /// Connections that were opened, the first ones included.
    package var connectionsOpened = 0
    /// From the beginning of the figures to the last answer.
    package var elapsedNanoseconds = 0

    package init() {}

    mutating func note(
        _ operation: LoadOperation,
        status: Int,
        isExpected: Bool,
        service: Int,
        response: Int?,
        second: Int
    ) {
        if operations[operation.index] == nil { operations[operation.index] = OperationFigures() }
        operations[operation.index]?.service.record(service)
        if let response { operations[operation.index]?.response.record(response) }
        if !isExpected { operations[operation.index]?.unexpected += 1 }
        if status == lastStatus.code {
            lastStatus.count += 1
        } else {
            statuses[lastStatus.code, default: 0] += lastStatus.count
            lastStatus = (status, 1)
        }
        while perSecond.count <= second { perSecond.append(0) }
        perSecond[second] += 1
    }

    mutating func note(_ failure: LoadFailure) { failures[failure.index] += 1 }

    package mutating func merge(_ other: PhaseFigures) {
        for index in operations.indices {
            guard let others = other.operations[index] else { continue }
            guard operations[index] != nil else {
                operations[index] = others
                continue
            }
            operations[index]?.service.merge(others.service)
            operations[index]?.response.merge(others.response)
            operations[index]?.unexpected += others.unexpected
        }
        statuses.merge(other.answers, uniquingKeysWith: +)
        for index in failures.indices { failures[index] += other.failures[index] }
        while perSecond.count < other.perSecond.count { perSecond.append(0) }
        for (second, count) in other.perSecond.enumerated() { perSecond[second] += count }
        warmUp += other.warmUp
        unsent += other.unsent
        unsentWaits.merge(other.unsentWaits)
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        connectionsOpened += other.connectionsOpened
        elapsedNanoseconds = max(elapsedNanoseconds, other.elapsedNanoseconds)
    }
}

extension PhaseFigures {
    /// Answers by their status code.
    package var answers: [Int: Int] {
        var answers = statuses
        answers[lastStatus.code, default: 0] += lastStatus.count
        return answers.filter { $0.value > 0 }
    }

    package func count(of failure: LoadFailure) -> Int { failures[failure.index] }

    package var failed: Int { failures.reduce(0, +) }

    /// The operations that were done, in the order of their names' table.
    package var done: [(operation: LoadOperation, figures: OperationFigures)] {
        LoadOperation.allCases.compactMap { operation in
            operations[operation.index].map { (operation, $0) }
        }
    }

    /// Answers that were not as expected.
    package var unexpected: Int { done.reduce(0) { $0 + $1.figures.unexpected } }

    /// Answers in all, without those of the warm-up.
    package var answered: Int { done.reduce(0) { $0 + Int($1.figures.service.count) } }

    /// Whether every request got the answer that was expected.
    package var isFaultless: Bool { unexpected == 0 && failed == 0 }

    package var service: LatencyHistogram {
        done.reduce(into: LatencyHistogram()) { $0.merge($1.figures.service) }
    }

    /// Answers a second.
    package var rate: Double {
        elapsedNanoseconds == 0 ? 0 : Double(answered) * 1e9 / Double(elapsedNanoseconds)
    }

    /// How long clients have waited that wait for nobody else.
    ///
    /// In an open loop it is measured from the moment that requests were due, and those that could not be sent count as
    /// answered at the end. In a closed loop the requests are added that a connection would have sent each `interval`
    /// nanoseconds, had the last answer not kept it; nil without an interval.
    package func response(_ pace: Pace, each interval: Int?) -> LatencyHistogram? {
        switch pace {
        case .closed: return interval.map { service.corrected(each: $0) }
        case .open:
            var all = done.reduce(into: LatencyHistogram()) { $0.merge($1.figures.response) }
            all.merge(unsentWaits)
            return all
        }
    }
}
