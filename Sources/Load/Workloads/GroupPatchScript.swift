import HTTP

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
