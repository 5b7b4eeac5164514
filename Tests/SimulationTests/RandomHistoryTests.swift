import TestSupport
import Testing

@Suite("Random histories of changes, simulated")
struct RandomHistoryTests {
    @Test("Two runs of a seed are the same, event by event")
    func determinism() async {
        await onOwnThread {
            for seed in SimulationSeeds.seeds(25) {
                var random = SeededGenerator(seed: seed)
                let program = Program.random(&random)
                let (first, second) = (
                    Simulation.run(program, seed: seed), Simulation.run(program, seed: seed)
                )
                #expect(first.picks == second.picks)
                #expect(first.events == second.events)
                #expect(first.bodies == second.bodies)
                #expect(first.records == second.records)
            }
        }
    }

    @Test("Whoever is alone hears what the model says, and rows and trail tell the same")
    func alone() async {
        let trial = await Trial.run(
            SimulationSeeds.seeds(80),
            claims: SimulationSeeds.claims
        ) {
            Program.sequential(&$0)
        }
        #expect(trial.failure == nil)
        #expect(trial.undecidedCount == 0)
        print("One client: \(trial.summary)")
    }

    @Test("Histories of users alone keep every claim")
    func users() async {
        let trial = await Trial.run(
            SimulationSeeds.seeds(100),
            claims: SimulationSeeds.claims
        ) { Program.users(&$0) }
        #expect(trial.failure == nil)
        #expect(100 * trial.undecidedCount <= trial.count)
        print("Users alone: \(trial.summary)")
    }

    @Test("Histories of a crowd on one resource keep every claim")
    func crowd() async {
        let trial = await Trial.run(
            SimulationSeeds.seeds(150),
            claims: SimulationSeeds.claims
        ) { Program.crowd(&$0) }
        #expect(trial.failure == nil)
        #expect(100 * trial.undecidedCount <= trial.count)
        print("A crowd: \(trial.summary)")
    }

    @Test("Histories of several clients keep every claim")
    func together() async {
        let trial = await Trial.run(
            SimulationSeeds.seeds(250),
            claims: SimulationSeeds.claims
        ) {
            Program.random(&$0)
        }
        #expect(trial.failure == nil)
        #expect(100 * trial.undecidedCount <= trial.count)
        print("Several clients: \(trial.summary)")
    }
}
