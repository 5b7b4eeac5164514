import DequeModule
import Storage

/// What waits for a commit, by account.
///
/// ```
/// account a ─► urgent ▢   others ▢▢▢▢▢▢ ─┐
/// account b ─►            others ▢▢ ─────┼─► one of each account in turn
/// account c ─► urgent ▢▢▢ others ▢ ──────┘
/// ```
///
/// So nobody waits for more than a round of others, however much somebody else has asked for.
struct CommitLanes {
    /// Of an account's urgent changesets so many go before one of its others, which come to their turn too.
    static let urgentInRowMax = 7

    private struct Lane {
        var urgent = Deque<PendingCommit>()
        var others = Deque<PendingCommit>()
        var urgentInRow = 0
        /// What the waiting ones take.
        var bytes = 0

        var count: Int { urgent.count + others.count }

        var takesUrgent: Bool {
            !urgent.isEmpty && (others.isEmpty || urgentInRow < CommitLanes.urgentInRowMax)
        }

        var first: PendingCommit? { takesUrgent ? urgent.first : others.first }

        mutating func add(_ pending: PendingCommit) {
            if pending.changeset.turn.isUrgent { urgent.append(pending) } else { others.append(pending) }
            bytes += pending.heldByteCount
        }

        mutating func popFirst() -> PendingCommit? {
            let isUrgent = takesUrgent
            let first = isUrgent ? urgent.popFirst() : others.popFirst()
            urgentInRow = isUrgent ? urgentInRow + 1 : 0
            bytes -= first?.heldByteCount ?? 0
            return first
        }
    }

    private var lanes: [UInt32: Lane] = [:]
    /// The accounts of which something waits, in the order of their turns.
    private var round = Deque<UInt32>()
    private(set) var count = 0
    /// What the waiting ones take.
    private(set) var bytes = 0

    /// How many changesets of an account wait, and the bytes that they take.
    func waiting(of account: UInt32) -> (count: Int, bytes: Int) {
        lanes[account].map { ($0.count, $0.bytes) } ?? (0, 0)
    }

    /// How many accounts have something that waits.
    var accountCount: Int { round.count }

    /// Whose turn it is, and what goes first of theirs.
    var first: PendingCommit? { round.first.flatMap { lanes[$0]?.first } }

    mutating func add(_ pending: PendingCommit) {
        let account = pending.changeset.turn.account
        if let place = lanes.index(forKey: account) {
            lanes.values[place].add(pending)
        } else {
            round.append(account)
            var lane = Lane()
            lane.add(pending)
            lanes[account] = lane
        }
        count += 1
        bytes += pending.heldByteCount
    }

    /// Takes what is ``first``; the next is another account's, if one waits.
    mutating func popFirst() -> PendingCommit? {
        guard let account = round.popFirst(), let place = lanes.index(forKey: account),
            let first = lanes.values[place].popFirst()
        else { return nil }
        if lanes.values[place].count == 0 { lanes.remove(at: place) } else { round.append(account) }
        count -= 1
        bytes -= first.heldByteCount
        return first
    }

    /// Takes everything.
    mutating func popAll() -> [PendingCommit] {
        var all: [PendingCommit] = []
        all.reserveCapacity(count)
        while let next = popFirst() { all.append(next) }
        return all
    }
}
