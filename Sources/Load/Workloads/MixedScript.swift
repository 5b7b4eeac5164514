import HTTP

/// Draws from the other workloads, as ``Workload/mixed`` says.
final class MixedScript: LoadScript {
    private var random: LoadRandom
    /// With the number of a hundred requests up to which it is taken.
    private let parts: [(upTo: Int, script: any LoadScript)]
    private var current: (any LoadScript)?

    init(_ writer: RequestWriter, _ population: Population, connection: Int, of connections: Int) {
        random = LoadRandom(seed: connection)
        func reading(_ operation: LoadOperation) -> ReadScript {
            ReadScript(operation, writer, population, seed: connection)
        }
        parts = [
            (60, reading(.lookUp)), (80, reading(.read)), (85, reading(.page)),
            (95, PatchScript(writer, population, seed: connection)),
            (99, GroupPatchScript(writer, population, connection: connection, of: connections)),
            (100, CreateScript(writer, population)),
        ]
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        let drawn = Int.random(in: 0..<100, using: &random)
        current = parts.first { drawn < $0.upTo }?.script
        return current?.next(&output)
    }

    func take(_ answer: ReceivedResponse?) -> Bool { current?.take(answer) ?? false }
}
