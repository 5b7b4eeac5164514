/// Everything one write does, as a value: conditions, then mutations, all of them or none.
package struct Changeset: Sendable {
    package var preconditions: [Precondition]
    package var mutations: [Mutation]
    /// Whether it makes things safer, or gives room back, so that it is taken when the disk has room for nothing else.
    package var usesReserve = false
    package var turn = CommitTurn()

    package init(when preconditions: [Precondition] = [], _ mutations: [Mutation] = []) {
        self.preconditions = preconditions
        self.mutations = mutations
    }
}

/// One change to the store.
///
/// Later mutations of a changeset see the earlier ones.
package enum Mutation: Sendable {
    /// Gives a version to all rows that later mutations of the changeset write; without it they have the commit's number.
    ///
    /// Whoever computes a change draws its version, so that it is known before the commit, and that no two changes share one:
    /// not in one commit, nor after an older copy of the store has been put back.
    case version(CommitVersion)
    /// Writes a row, stamped with the version.
    case put(Key, [UInt8])
    case delete(Key)
    /// Deletes at most `limit` rows whose keys begin with the prefix, in key order.
    case deletePrefix(Key, limit: Int)
    /// Adds to a signed 64-bit counter; a missing row counts as 0. Commutes, therefore wraps and never fails.
    case increment(Key, Int64)
    /// Counts the row of an id in a tally: 1 right behind the mutation that puts it, -1 right behind the one that deletes it.
    case tally(Tally, UniqueID, Int64)
    /// Writes each edge's row and its twin; a no-op for an edge that is already there.
    case link(Edges, kind: UInt8)
    /// Deletes each edge's row and its twin; a no-op for an edge that is absent.
    case unlink(Edges)
    /// Deletes every edge, with its twin, that leaves the container.
    case unlinkMembers(space: UInt32, container: UniqueID)
    /// Deletes every edge, with its twin, that reaches the member.
    case unlinkContainers(space: UInt32, member: UniqueID)
    /// Adds a row to the end of the log; the commit numbers it.
    case append(LogEntry)
    /// Deletes the log's oldest rows up to this order, at most `limit` of them.
    case trimLog(through: UInt64, limit: Int)
}

/// A row for the log, before the commit has numbered it.
package struct LogEntry: Sendable {
    /// The chain that the row belongs to, named in 1 to 64 bytes; its rows are numbered 1, 2, 3 … without gaps.
    package let stream: String
    package let payload: [UInt8]

    package init(stream: String, payload: [UInt8]) {
        self.stream = stream
        self.payload = payload
    }
}

/// What a commit tells of itself.
package struct CommitReceipt: Sendable, Equatable {
    package let version: CommitVersion
    /// Commit time in microseconds since 1970, strictly increasing in a store.
    package let timeMicroseconds: Int64

    package init(version: CommitVersion, timeMicroseconds: Int64) {
        self.version = version
        self.timeMicroseconds = timeMicroseconds
    }
}
