import DequeModule

/// Work for a loop: a Swift job or a plain closure.
enum LoopWork {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// Work that waits for a loop, by account; each account that has some comes to its turn with one piece.
///
/// ```
/// account 7 ─► ▢▢▢▢▢▢ ─┐
/// account 9 ─► ▢ ──────┼─► one of each account in turn
/// server    ─► ▢▢ ─────┘
/// ```
///
/// Most pieces keep the loop for about a tenth of a millisecond. Whose piece takes much longer misses so many turns as it
/// would have had in that time.
struct WorkLanes {
    /// Nanoseconds of a turn; a piece that takes no longer is not counted.
    private static let turnMax: Int64 = 200_000
    /// Emptied lanes whose memory is kept for others.
    private static let sparesMax = 16

    private var lanes: [UInt32: Deque<LoopWork>] = [:]
    /// The accounts of which something waits, in the order of their turns.
    private var round = Deque<UInt32>()
    /// Nanoseconds that accounts have had beyond their turns; forgotten when nothing waits.
    private var debts: [UInt32: Int64] = [:]
    private var spares: [Deque<LoopWork>] = []

    var isEmpty: Bool { round.isEmpty }

    mutating func append(_ work: LoopWork, of account: UInt32) {
        if lanes[account]?.append(work) != nil { return }
        var lane = spares.popLast() ?? Deque()
        lane.append(work)
        lanes[account] = lane
        round.append(account)
    }

    /// Takes the work whose turn it is; the next is another account's, if one has some.
    ///
    /// `isLast`: whether nothing of the account waits any more.
    mutating func popFirst() -> (account: UInt32, work: LoopWork, isLast: Bool)? {
        missTurns()
        guard let account = round.popFirst(), let work = lanes[account]?.popFirst() else { return nil }
        let isLast = lanes[account]?.isEmpty != false
        if !isLast {
            round.append(account)
        } else if let emptied = lanes.removeValue(forKey: account), spares.count < Self.sparesMax {
            spares.append(emptied)
        }
        return (account, work, isLast)
    }

    /// Notes for how long a piece that was taken has kept the loop.
    mutating func note(_ nanoseconds: Int64, of account: UInt32) {
        if nanoseconds > Self.turnMax { debts[account, default: 0] += nanoseconds - Self.turnMax }
    }

    /// Forgets who has had more than others, since there are no others.
    mutating func forget() {
        if !debts.isEmpty { debts.removeAll(keepingCapacity: true) }
    }

    /// Puts accounts that are in debt behind the others, at the price of a turn.
    private mutating func missTurns() {
        while !debts.isEmpty, round.count > 1, let account = round.first, let debt = debts[account] {
            debts[account] = debt > Self.turnMax ? debt - Self.turnMax : nil
            round.append(round.removeFirst())
        }
    }
}
