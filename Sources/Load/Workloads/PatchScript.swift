import HTTP

/// Replaces the title of random users, each time by another one.
final class PatchScript: LoadScript {
    private let writer: RequestWriter
    private let population: Population
    private var random: LoadRandom
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
        // Another run begins with the same numbers: what is left of an earlier one must not be the same title.
        let title = "Title \(seed)-\(count)-\(random.next() & 0xFFFF)"
        guard let id = population.userIDs.randomElement(using: &random) else { return nil }
        writer.write("PATCH", RequestWriter.path("Users", id), LoadBodies.replaceTitle(title), to: &output)
        return .patch
    }

    func take(_ answer: ReceivedResponse?) -> Bool { answer.map(Expectation.changed.holds) ?? false }
}
