import TestSupport

/// Decides which of the things that are ready happens next.
///
/// What goes wrong between two steps of one request is seldom found if all have the same chance, because the other request
/// has many steps to do meanwhile. So there are schedules of three sorts:
/// - all have the same chance;
/// - each thing gets a rank when it becomes ready, and the highest is next;
/// - all have the same chance, but one in a few is held back until nothing else is ready.
struct Schedule: Sendable {
    private enum Sort: Sendable, CaseIterable { case even, ranked, holding }

    /// One of how many things is held back.
    private static let heldOneIn = 8
    /// One of how many reads is overtaken by a commit that waits.
    private static let overtakenOneIn = 12

    private var random: SeededGenerator
    private let sort: Sort
    /// The ranks of what is ready, in its order; what is held back has the lowest.
    private var ranks: [UInt64] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        sort = random.pick(Sort.allCases)
    }

    /// One of `count` things; those that were ready at the last pick come first, in the same order and without the one picked.
    mutating func pick(of count: Int) -> Int {
        while ranks.count < count { ranks.append(rank()) }
        let pick =
            switch sort {
            case .even: Int.random(in: 0..<count, using: &random)
            case .ranked: ranks.indices.max { ranks[$0] < ranks[$1] } ?? 0
            case .holding: random.pick(ranks.contains(1) ? ranks.indices.filter { ranks[$0] == 1 } : [0])
            }
        ranks.remove(at: pick)
        return pick
    }

    private mutating func rank() -> UInt64 {
        switch sort {
        case .even: 0
        case .ranked: random.next()
        case .holding: random.isOne(in: Self.heldOneIn) ? 0 : 1
        }
    }

    /// Whether a commit that waits happens before a read.
    mutating func commitsFirst() -> Bool { random.isOne(in: Self.overtakenOneIn) }

    /// Begins anew with what is ready.
    mutating func forget() { ranks = [] }
}
