import TestSupport

/// What every history must show.
enum Claim: String, Sendable, Hashable, CaseIterable {
    /// There is an order of all changes and reads that explains every answer.
    case answers
    /// A tag of a resource names one body for ever, and one change.
    case tags
    /// Indexes, edges, counters and the store's own rows agree.
    case rows
    /// Each change has exactly one record, with its status; what did not happen has none.
    case records
    /// A record's old version is the one before, and the last one is the resource's.
    case chains
    /// The records' additions and removals are the groups' members.
    case members
    /// Everybody is answered, and nobody is refused without a reason.
    case progress
}

/// A claim that a history breaks.
struct Violation: Sendable, Hashable {
    let claim: Claim
    let text: String
}

/// Judges a history from outside: by its answers, its audit trail and the checks of its rows.
struct Judge {
    private let history: History
    private(set) var violations: [Violation] = []
    /// Whether the search for an order came to an end.
    private(set) var isDecided = true

    private init(_ history: History) { self.history = history }

    static func judge(_ history: History) -> Judge {
        var judge = Judge(history)
        judge.judgeProgress()
        judge.violations += history.findings.map { Violation(claim: .rows, text: $0) }
        judge.judgeTags()
        judge.judgeOrder()
        judge.judgeRecords()
        judge.judgeChains()
        judge.judgeMembers()
        return judge
    }

    private mutating func add(_ claim: Claim, _ text: String) {
        violations.append(Violation(claim: claim, text: text))
    }
}

// MARK: - Answers

extension Judge {
    private mutating func judgeProgress() {
        if let stop = history.stop { add(.progress, stop) }
        for exchange in history.exchanges where !exchange.isLost && exchange.form != .importing {
            let events = history.events[exchange.begin...min(exchange.end ?? .max, history.events.count - 1)]
            let failures = events.compactMap(\.fault)
            let commits = events.count(where: \.isCommit)
            for answer in exchange.answers {
                let isExcused =
                    switch answer.fate {
                    case .answered: true
                    case .unknown: failures.contains { $0.isUnknown }
                    case .nothing(507): failures.contains(.full)
                    case .nothing: commits > 0 || !failures.isEmpty
                    }
                if !isExcused { add(.progress, "#\(exchange.number): \(answer.fate) without a reason") }
            }
        }
    }

    private mutating func judgeOrder() {
        guard history.stop == nil else { return }
        switch Linearization.judge(history, usesRecords: false) {
        case .undecided: return isDecided = false
        case .impossible(let furthest):
            return add(.answers, "no order explains the answers; one goes as far as \(furthest)")
        case .found: break
        }
        if case .impossible(let furthest) = Linearization.judge(history, usesRecords: true) {
            add(.records, "no order explains which steps have records; one goes as far as \(furthest)")
        }
    }

    private mutating func judgeTags() {
        var texts: [[String]: String] = [:]
        for body in history.bodies {
            let before = texts.updateValue(body.text, forKey: [body.id, body.tag])
            guard let before, before != body.text else { continue }
            add(.tags, "\(body.tag) names two bodies: \(before) and \(body.text)")
        }
        var changes: Set<[String]> = []
        for record in history.records {
            guard let target = record.target, let new = record.new else { continue }
            if !changes.insert([target, new]).inserted { add(.tags, "\(new) is the version of two changes") }
        }
    }
}

// MARK: - Records

extension Judge {
    private mutating func judgeRecords() {
        for exchange in history.exchanges where exchange.form != .importing {
            for (place, answer) in exchange.answers.enumerated() {
                let records = history.primaryRecords(exchange, place)
                let name = "#\(exchange.number).\(place)"
                if records.count > 1 { add(.records, "\(name) has \(records.count) records") }
                guard let record = records.first else { continue }
                switch answer.fate {
                case .unknown: break
                case .nothing: add(.records, "\(name) did not happen, but has a record")
                case .answered(let status) where status != record.status:
                    add(.records, "\(name) was answered \(status), its record says \(record.status ?? 0)")
                case .answered: break
                }
            }
        }
        for record in history.records where record.exchange == nil {
            add(.records, "\(record.event): a record that nobody asked for")
        }
    }

    private mutating func judgeChains() {
        var versions: [String: String] = [:]
        for record in history.records {
            guard let target = record.target else { continue }
            let last = versions[target]
            // A change that commutes with others, as the end of a membership does, does not tell what came before it.
            if record.event.hasSuffix(".create") ? last != nil : record.old != nil && last != record.old {
                add(
                    .chains,
                    "\(record.event) #\(record.exchange ?? -1): from \(record.old ?? "-"), not from \(last ?? "-")"
                )
            }
            versions[target] = record.new
            guard record.event.hasSuffix(".delete") else { continue }
            versions[target] = nil
        }
        // The records go on to the deletions at the end, so that the last versions are those that reads saw then.
        var changed: Set<String> = []
        for record in history.records {
            guard let number = record.exchange, number >= history.firstOfAftermath,
                let target = record.target,
                changed.insert(target).inserted
            else { continue }
            let read = history.exchanges.first {
                $0.number >= history.firstOfAftermath && $0.steps[0].step.id == target
            }
            guard let tag = read?.answers.first?.tag, record.old != tag else { continue }
            add(.chains, "\(record.event) #\(number): from \(record.old ?? "-"), but \(tag) was read")
        }
    }

    private mutating func judgeMembers() {
        var members: [String: Set<String>] = [:]
        for record in history.records where record.event.hasPrefix("group.") {
            guard let group = record.target else { continue }
            for member in record.added where members[group, default: []].insert(member).inserted == false {
                add(.members, "\(record.event) #\(record.exchange ?? -1) adds a member that was there")
            }
            for member in record.removed where members[group, default: []].remove(member) == nil {
                add(.members, "\(record.event) #\(record.exchange ?? -1) removes a member that was not there")
            }
        }
        // The first reads of the end tell what the records up to then must have come to.
        var told: [String: Set<String>] = [:]
        for record in history.records where (record.exchange ?? 0) < history.firstOfAftermath {
            guard let group = record.target, record.event.hasPrefix("group.") else { continue }
            told[group, default: []].formUnion(record.added)
            told[group, default: []].subtract(record.removed)
        }
        var read: Set<String> = []
        for exchange in history.exchanges where exchange.number >= history.firstOfAftermath {
            guard case .read(.group, let id) = exchange.steps[0].step, read.insert(id).inserted,
                case .group(_, let members)? = exchange.answers.first?.shown
            else { continue }
            if told[id, default: []] != members {
                add(.members, "#\(exchange.number): the trail tells of others")
            }
        }
    }
}

extension History.Event {
    fileprivate var fault: StoreFault? { if case .store(.failed(let fault)) = self { fault } else { nil } }

    fileprivate var isCommit: Bool { if case .store(.applied(_)) = self { true } else { false } }
}
