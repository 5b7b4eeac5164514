import TestSupport

/// Runs many histories and keeps what is worth telling.
struct Trial: Sendable {
    private static let seedsTold = 8

    private(set) var count = 0
    /// Histories for which no order was found and none excluded.
    private(set) var undecidedCount = 0
    /// The seeds that broke each claim.
    private(set) var broken: [Claim: [UInt64]] = [:]
    /// The first history that breaks a claim it should keep.
    private(set) var failure: String?

    /// Runs a program for each seed, on a thread of its own, until a history breaks one of the claims.
    static func run(
        _ seeds: ClosedRange<UInt64>,
        claims: Set<Claim>,
        _ program: @escaping @Sendable (inout SeededGenerator) -> Program
    ) async -> Trial {
        await onOwnThread {
            var trial = Trial()
            for seed in seeds where trial.failure == nil {
                var random = SeededGenerator(seed: seed)
                trial.run(program(&random), seed: seed, claims)
            }
            return trial
        }
    }

    private mutating func run(_ program: Program, seed: UInt64, _ claims: Set<Claim>) {
        let history = Simulation.run(program, seed: seed)
        let judge = Judge.judge(history)
        count += 1
        if !judge.isDecided { undecidedCount += 1 }
        for claim in Set(judge.violations.map(\.claim)) { broken[claim, default: []].append(seed) }
        guard let violation = judge.violations.first(where: { claims.contains($0.claim) }) else { return }
        failure = Shrinker.shortest(history, breaking: violation.claim).report(of: seed)
    }

    /// What was found, for whoever reads the output of a long run.
    var summary: String {
        let found = broken.sorted { $0.key.rawValue < $1.key.rawValue }.map { claim, seeds in
            let first = seeds.prefix(Self.seedsTold).map(String.init).joined(separator: " ")
            return "\(claim.rawValue) \(seeds.count) (\(first)\(seeds.count > Self.seedsTold ? " …" : ""))"
        }
        return "\(count) histories, \(undecidedCount) undecided; broken: \(found.joined(separator: ", "))"
    }
}

extension History {
    /// The history, what is wrong with it, and how to see it again.
    ///
    /// `seed`: the one that led to it before it was made shorter; nil if the test tries the same without one.
    func report(of seed: UInt64? = nil) -> String {
        let violations = Judge.judge(self).violations.map { "\($0.claim.rawValue): \($0.text)" }
        return """
            \(violations.joined(separator: "\n"))
            \(program)
            \(text)
            Repeat: \(SimulationSeeds.command(seed))
            """
    }
}
