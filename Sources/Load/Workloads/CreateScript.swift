import HTTP

/// Creates users, and nothing else.
final class CreateScript: LoadScript {
    private let writer: RequestWriter
    private let population: Population

    init(_ writer: RequestWriter, _ population: Population) {
        self.writer = writer
        self.population = population
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        writer.write("POST", "/Users", LoadBodies.user(population.unused.next()), to: &output)
        return .create
    }

    func take(_ answer: ReceivedResponse?) -> Bool { answer.map(Expectation.created.holds) ?? false }
}
