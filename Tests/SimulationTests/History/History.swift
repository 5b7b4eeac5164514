import TestSupport

/// A step as it was sent: its resources by their ids, its condition as a tag.
struct Sent: Sendable, Hashable {
    let step: Step<String>
    let tag: String?
}

/// What an answer shows of a resource.
enum Shown: Sendable, Hashable {
    /// `groups`: names by id; nil where only the user's own attributes count.
    case user(name: String, title: String?, groups: [String: String]?)
    case group(name: String, members: Set<String>)
}

/// What a client knows of a step.
struct StepAnswer: Sendable, Hashable {
    enum Fate: Sendable, Hashable {
        case answered(Int)
        /// It may or may not have happened.
        case unknown
        /// It was refused because of the server's own state, and did not happen.
        case nothing(Int)
    }

    var fate: Fate
    var id: String?
    var tag: String?
    var shown: Shown?

    static let unknown = StepAnswer(fate: .unknown)

    /// The fate that a status tells.
    static func fate(_ status: Int) -> Fate {
        switch status {
        case 500: .unknown
        case 503, 507: .nothing(status)
        default: .answered(status)
        }
    }
}

/// One request and what became of it.
struct Exchange: Sendable {
    enum Form: Sendable, Hashable { case single, bulk, atomic, importing }

    let number: Int
    let client: Int
    let form: Form
    let steps: [Sent]
    let begin: Int
    /// The moment of the answer, or of the crash after which there could be none.
    var end: Int?
    /// One for each step, none before the end.
    ///
    /// An import's are only known as far as its report tells.
    var answers: [StepAnswer] = []
    /// What an import said.
    var counts: ImportCounts?
    /// Whether the process died before it could answer.
    var isLost = false
}

/// How many lines of an import did what.
struct ImportCounts: Sendable, Hashable {
    var created = 0
    var updated = 0
    var unchanged = 0
    /// The places of refused lines.
    var refused: Set<Int> = []
}

/// A body that a tag named.
struct TaggedBody: Sendable, Hashable {
    let id: String
    let tag: String
    /// The resource without what follows from others.
    let text: String
}

/// Everything that a simulation saw.
struct History: Sendable {
    enum Event: Sendable, Hashable {
        case began(Int)
        case answered(Int, [StepAnswer])
        case store(SimulatedStore.Event)
        case crashed
    }

    let seed: UInt64
    let program: Program
    /// What happened, each at the moment that is its place.
    var events: [Event] = []
    var exchanges: [Exchange] = []
    var bodies: [TaggedBody] = []
    var records: [Record] = []
    /// Which of the things that were ready happened, turn by turn.
    var picks: [UInt16] = []
    /// What the checks of the rows found.
    var findings: [String] = []
    /// The resources that are there at the end.
    var lastIDs: Set<String> = []
    /// Why the simulation could not go on.
    var stop: String?
    /// How many turns and commits there were while the clients were at work.
    var turns = 0
    var commits = 0
    /// The first exchange of the last part, in which one client looks at everything and deletes it.
    var firstOfAftermath = Int.max
}

// MARK: - Text

extension History {
    /// Names for ids, in the order in which answers told them.
    private var names: [String: String] {
        var names: [String: String] = [:]
        var counts: [Kind: Int] = [:]
        func name(_ id: String?, _ kind: Kind) {
            guard let id, names[id] == nil else { return }
            counts[kind, default: 0] += 1
            names[id] = Reference(kind: kind, place: (counts[kind] ?? 1) - 1).description
        }
        for case .answered(let number, let answers) in events {
            for (sent, answer) in zip(exchanges[number].steps, answers) { name(answer.id, sent.step.kind) }
        }
        for record in records {
            record.target.map { name($0, record.event.hasPrefix("user") ? .user : .group) }
        }
        return names
    }

    /// Who asked what, and what was answered, moment by moment.
    var text: String {
        let names = names
        func short(_ id: String) -> String { names[id] ?? "?\(id.suffix(4))" }
        func text(_ sent: Sent) -> String {
            sent.step.map(short).description + (sent.tag.map { " if \($0)" } ?? "")
        }
        let lines = events.enumerated().map { moment, event in
            let what =
                switch event {
                case .began(let number):
                    """
                    \(exchanges[number].client) asks  #\(number) \(exchanges[number].form.word)\
                    \(exchanges[number].steps.map(text).joined(separator: ", "))
                    """
                case .answered(let number, let answers):
                    """
                    \(exchanges[number].client) hears #\(number) \
                    \(answers.map { $0.text(short) }.joined(separator: ", "))\
                    \(exchanges[number].counts.map { " \($0)" } ?? "")
                    """
                case .store(let event): "- store \(event)"
                case .crashed: "- crash"
                }
            return "\(String(moment).leftPadded(3))  \(what)"
        }
        let trail = records.map { "     \($0.text(short))" }
        return (lines + ["records:"] + trail).joined(separator: "\n")
    }
}

extension Exchange.Form {
    fileprivate var word: String {
        switch self {
        case .single: ""
        case .bulk: "bulk: "
        case .atomic: "bulk, all or none: "
        case .importing: "import: "
        }
    }
}

extension StepAnswer {
    func text(_ short: (String) -> String) -> String {
        let status =
            switch fate {
            case .answered(let status), .nothing(let status): "\(status)"
            case .unknown: "unknown"
            }
        let shown =
            switch shown {
            case nil: ""
            case .user(let name, let title, let groups):
                """
                 \(name) title=\(title ?? "-")\
                \(groups.map { " in \($0.keys.map(short).sorted())" } ?? "")
                """
            case .group(let name, let members):
                " \(name) {\(members.map(short).sorted().joined(separator: " "))}"
            }
        return [id.map(short), status, tag].compactMap(\.self).joined(separator: " ") + shown
    }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
