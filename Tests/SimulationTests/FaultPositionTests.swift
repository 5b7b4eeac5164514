import Foundation
import Storage
import TestSupport
import Testing

@Suite("One client to whom everything goes wrong once, simulated")
struct FaultPositionTests {
    private static let claims = SimulationSeeds.claims

    @Test(
        "A crash at any turn keeps what was answered, and the rest happened or did not",
        arguments: 1...3 as ClosedRange<UInt64>
    )
    func crashes(seed: UInt64) async {
        await onOwnThread { eachCrash(of: seed) { crashing, _ in expectClaims(of: crashing) } }
    }

    @Test(
        "The same with a store on disk whose power fails at any turn, between any two transactions",
        arguments: 1...2 as ClosedRange<UInt64>
    )
    func powerFailures(seed: UInt64) async throws {
        try await withTemporaryFolder { folder in
            await onOwnThread {
                eachCrash(of: seed) { crashing, turn in expectClaims(of: crashing, in: "\(folder)/\(turn)") }
            }
        }
    }

    /// A program with a crash at each of its turns, one after another.
    private func eachCrash(of seed: UInt64, _ body: (Program, Int) -> Void) {
        var random = SeededGenerator(seed: seed)
        let program = Program.sequential(&random)
        let turns = Simulation.run(program, seed: 1).turns
        #expect(turns > 0)
        for turn in 0..<turns {
            var crashing = program
            crashing.crashes = [turn]
            body(crashing, turn)
        }
    }

    @Test("Any fault of any commit leaves what was answered true", arguments: StoreFault.allCases)
    func faults(fault: StoreFault) async {
        await onOwnThread {
            for seed in 4...6 as ClosedRange<UInt64> {
                var random = SeededGenerator(seed: seed)
                let program = Program.sequential(&random)
                for commit in 0..<Simulation.run(program, seed: 1).commits {
                    var failing = program
                    failing.faults = [commit: fault]
                    expectClaims(of: failing)
                }
            }
        }
    }

    private func expectClaims(of program: Program) {
        expectClaims(of: Simulation.run(program, seed: 1))
    }

    /// Over a store in a new folder, which goes then.
    private func expectClaims(of program: Program, in folder: String) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let history = try Simulation.run(program, seed: 1) { clock throws(StoreError) in
                try LoggedBase(folder: folder, seed: UInt64(program.crashes.first ?? 0), clock: clock)
            }
            expectClaims(of: history)
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            Issue.record(error)
        }
    }

    private func expectClaims(of history: History) {
        let broken = Judge.judge(history).violations.filter { Self.claims.contains($0.claim) }
        #expect(broken == [], "\(history.report())")
    }
}
