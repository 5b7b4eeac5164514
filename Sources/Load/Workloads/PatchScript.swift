import HTTP

/// Replaces the title of random users, each time by another one.
final class PatchScript: LoadScript {
    private let writer: RequestWriter
    private let population: Population
    private var random: LoadRandom
    /// Tells this run's titles from those that an earlier one has left, which asked for the same users: nothing would change.
    private let run = UInt32.random(in: 0x1000_0000 ... .max)
    private let seed: Int
    private var count = 0

    init(_ writer: RequestWriter, _ population: Population, seed: Int) {
        self.writer = writer
        self.population = population
        self.seed = seed
        random = LoadRandom(seed: seed)
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        count += 1
        let title = "Title \(run)-\(seed)-\(count)"
        guard let id = population.userIDs.randomElement(using: &random) else { return nil }
        writer.write("PATCH", RequestWriter.path("Users", id), LoadBodies.replaceTitle(title), to: &output)
        return .patch
    }

    func take(_ answer: ReceivedResponse?) -> Bool { answer.map(Expectation.changed.holds) ?? false }
}
