import TestSupport

/// Makes a history that breaks a claim shorter: leaves out one thing after the other as long as the claim stays broken.
struct Shrinker {
    /// Schedules that are tried for each shorter program.
    private static let schedulesMax: UInt64 = 25
    /// Histories that are tried in all.
    private static let historiesMax = 2_000

    private let claim: Claim
    private var historiesLeft = Self.historiesMax

    private init(_ claim: Claim) { self.claim = claim }

    static func shortest(_ history: History, breaking claim: Claim) -> History {
        var shrinker = Shrinker(claim)
        var best = history
        while let shorter = shrinker.shorter(than: best) { best = shorter }
        return best
    }

    private mutating func shorter(than history: History) -> History? {
        for program in history.program.shorter {
            for seed in history.seed..<history.seed + Self.schedulesMax {
                guard historiesLeft > 0 else { return nil }
                historiesLeft -= 1
                let found = Simulation.run(program, seed: seed)
                if Judge.judge(found).violations.contains(where: { $0.claim == claim }) { return found }
            }
        }
        return nil
    }
}

extension Program {
    /// Programs with one thing less each, large things first.
    fileprivate var shorter: [Program] {
        var programs: [Program] = []
        for client in clients.indices where clients.count > 1 {
            programs.append(changed { $0.clients.remove(at: client) })
        }
        if !crashes.isEmpty { programs.append(changed { $0.crashes = [] }) }
        for commit in faults.keys.sorted() { programs.append(changed { $0.faults[commit] = nil }) }
        for client in clients.indices {
            for call in clients[client].indices {
                programs.append(changed { $0.clients[client].remove(at: call) })
                for shorter in clients[client][call].shorter {
                    programs.append(changed { $0.clients[client][call] = shorter })
                }
            }
        }
        // Places name what is created, so that only the last of a kind can go without changing what others mean.
        if setup.count > 1 { programs.append(changed { $0.setup.removeLast() }) }
        if slices != .none { programs.append(changed { $0.slices = .none }) }
        if loops > 1 { programs.append(changed { $0.loops = 1 }) }
        return programs
    }

    private func changed<R>(_ change: (inout Program) -> R) -> Program {
        var program = self
        _ = change(&program)
        return program
    }
}

extension Call {
    fileprivate var shorter: [Call] {
        switch self {
        case .single(let asked): asked.isConditional ? [.single(Asked(asked.step))] : []
        case .bulk(let asked, let isAtomic):
            asked.count == 1
                ? [.single(asked[0])]
                : asked.indices.map { place in
                    var shorter = asked
                    shorter.remove(at: place)
                    return .bulk(shorter, isAtomic: isAtomic)
                }
        case .importing(let lines):
            lines.count == 1 ? [] : lines.indices.map { .importing([lines[$0]]) }
        }
    }
}
