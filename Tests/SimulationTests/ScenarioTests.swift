import TestSupport
import Testing

@Suite("Histories that were wrong once, simulated")
struct ScenarioTests {
    @Test("No schedule of it breaks a claim", arguments: Scenario.all)
    func scenario(_ scenario: Scenario) async {
        let trial = await Trial.run(SimulationSeeds.seeds(scenario.schedules), claims: SimulationSeeds.claims)
        { _ in
            scenario.program
        }
        #expect(trial.failure == nil)
        print("\(scenario.name): \(trial.summary)")
    }
}
