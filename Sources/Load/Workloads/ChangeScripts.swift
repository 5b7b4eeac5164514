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

/// Adds a user that no other connection uses to a random group, and removes it again, so that each request changes
/// something and no group grows.
final class GroupPatchScript: LoadScript {
    private let writer: RequestWriter
    private let population: Population
    private var random: LoadRandom
    private let ownUsers: [Int]
    private var added: (group: String, user: String)?
    private var removes = false

    /// A script of the connection with this number, of so many.
    init(_ writer: RequestWriter, _ population: Population, connection: Int, of connections: Int) {
        self.writer = writer
        self.population = population
        random = LoadRandom(seed: connection)
        let free = population.groupMembers..<population.userIDs.count
        ownUsers = stride(from: free.lowerBound + connection, to: free.upperBound, by: connections)
            .prefix(Self.ownUsersMax).map(\.self)
    }

    /// Users that one connection takes turns with.
    private static let ownUsersMax = 256

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        if removes, let added {
            let body = LoadBodies.remove(member: added.user)
            writer.write("PATCH", RequestWriter.path("Groups", added.group), body, to: &output)
            return .removeMember
        }
        guard let user = ownUsers.randomElement(using: &random),
            let group = population.groupIDs.randomElement(using: &random)
        else { return nil }
        added = (group, population.userIDs[user])
        let body = LoadBodies.add(member: population.userIDs[user])
        writer.write("PATCH", RequestWriter.path("Groups", group), body, to: &output)
        return .addMember
    }

    func take(_ answer: ReceivedResponse?) -> Bool {
        removes.toggle()
        return answer.map(Expectation.changed.holds) ?? false
    }
}

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
