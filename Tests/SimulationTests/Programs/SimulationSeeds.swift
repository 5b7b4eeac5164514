import Foundation

/// How many histories are tried, and which.
///
/// `PHAROS_SIMULATION_SEED` in the environment chooses one; `PHAROS_SIMULATION_HISTORIES` is how many each test tries
/// without; `PHAROS_SIMULATION_CLAIMS` names the claims that end a test, like `answers,tags`, or none, so that all that is
/// broken is only counted.
enum SimulationSeeds {
    private static let environment = ProcessInfo.processInfo.environment

    /// The one seed that is asked for.
    static let only = environment["PHAROS_SIMULATION_SEED"].flatMap { UInt64($0) }

    /// The command that repeats the history of a seed; without one, of a test that tries the same every time.
    static func command(_ seed: UInt64?) -> String {
        let claims = environment["PHAROS_SIMULATION_CLAIMS"].map { "PHAROS_SIMULATION_CLAIMS=\($0) " } ?? ""
        let choice = seed.map { "PHAROS_SIMULATION_SEED=\($0) " } ?? ""
        return choice + claims + "scripts/test --filter SimulationTests"
    }

    /// The claims that a history must keep.
    static let claims: Set<Claim> = {
        guard let names = environment["PHAROS_SIMULATION_CLAIMS"] else { return Set(Claim.allCases) }
        return Set(names.split(separator: ",").compactMap { Claim(rawValue: String($0)) })
    }()

    /// The seeds of a test: `count` of them, where nobody asks for more.
    static func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
        if let only { return only...only }
        return 1...(environment["PHAROS_SIMULATION_HISTORIES"].flatMap { UInt64($0) } ?? count)
    }
}
