import TestSupport

/// Names a resource in a program: the one that was created as the n-th of its kind.
struct Reference: Sendable, Hashable, CustomStringConvertible {
    let kind: Kind
    let place: Int

    static func user(_ place: Int) -> Reference { Reference(kind: .user, place: place) }
    static func group(_ place: Int) -> Reference { Reference(kind: .group, place: place) }

    var description: String { "\(kind == .user ? "u" : "g")\(place)" }
}

/// A step and whether it holds only for the version that its client has seen last.
struct Asked<ID: Sendable & Hashable>: Sendable, Hashable {
    var step: Step<ID>
    var isConditional = false

    init(_ step: Step<ID>, isConditional: Bool = false) {
        self.step = step
        self.isConditional = isConditional
    }
}

/// One request of a client.
enum Call: Sendable, Hashable {
    case single(Asked<Reference>)
    case bulk([Asked<Reference>], isAtomic: Bool)
    case importing([UserValues])

    static func one(_ step: Step<Reference>) -> Call { .single(Asked(step)) }

    static func bulk(_ steps: Step<Reference>..., isAtomic: Bool = false) -> Call {
        .bulk(steps.map { Asked($0) }, isAtomic: isAtomic)
    }
}

/// What a history is made from: who asks for what, and what goes wrong.
///
/// The schedule is decided by a seed.
struct Program: Sendable {
    /// What is there before the clients begin.
    var setup: [Step<Reference>]
    /// What each client asks for, one after the other.
    var clients: [[Call]]
    /// What goes wrong, by the number of the commit since the clients began.
    var faults: [Int: StoreFault] = [:]
    /// After how many turns of the scheduler the process dies, and is started again.
    var crashes: [Int] = []
    var loops = 2
    /// What is done in commits of its own.
    var slices = Slices.none

    /// What changes of memberships need beside their own commit.
    enum Slices: String, Sendable, CaseIterable {
        case none
        /// Every set that is new is built before, and every old one is removed later.
        case sets
        /// And every deleted member leaves its groups later.
        case all
    }
}

extension Program: CustomStringConvertible {
    var description: String {
        var lines = ["before: " + setup.map(\.description).joined(separator: "; ")]
        for (number, calls) in clients.enumerated() {
            lines.append("client \(number): " + calls.map(\.description).joined(separator: "; "))
        }
        for (commit, fault) in faults.sorted(by: { $0.key < $1.key }) {
            lines.append("commit \(commit): \(fault.rawValue)")
        }
        if slices != .none { lines.append("memberships change in slices: \(slices.rawValue)") }
        if !crashes.isEmpty { lines.append("crashes after turns \(crashes)") }
        return lines.joined(separator: "\n")
    }
}

extension Call: CustomStringConvertible {
    var description: String {
        switch self {
        case .single(let asked): asked.description
        case .bulk(let asked, let isAtomic):
            "bulk\(isAtomic ? " all or none" : "") (\(asked.map(\.description).joined(separator: ", ")))"
        case .importing(let lines): "import (\(lines.map(\.description).joined(separator: ", ")))"
        }
    }
}

extension Asked: CustomStringConvertible {
    var description: String { step.description + (isConditional ? " if as last seen" : "") }
}
