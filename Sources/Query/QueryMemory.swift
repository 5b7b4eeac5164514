import Synchronization

/// How much of something all queries together may keep in memory.
final class QueryMemory: Sendable {
    private let unitsPerBlock: Int
    private let blocksMax: Int
    private let blocksTaken = Atomic(0)

    init(unitsMax: Int, unitsPerBlock: Int) {
        self.unitsPerBlock = unitsPerBlock
        blocksMax = unitsMax / unitsPerBlock
    }

    /// Places of lists that are being sorted; one takes about 100 bytes, and never more than 400.
    static func ofPlaces(max: Int = placesMax) -> QueryMemory {
        QueryMemory(unitsMax: max, unitsPerBlock: 1_024)
    }

    static let placesMax = 400_000

    /// Ids that indexes have named, of 16 bytes each.
    static func ofCandidates(max: Int = candidatesMax) -> QueryMemory {
        QueryMemory(unitsMax: max, unitsPerBlock: 4_096)
    }

    static let candidatesMax = 4_000_000

    /// Bytes of answers that are being written, beyond the first ``ownAnswerBytes`` of each.
    static func ofAnswers(bytesMax: Int = answerBytesMax) -> QueryMemory {
        QueryMemory(unitsMax: bytesMax, unitsPerBlock: 65_536)
    }

    static let answerBytesMax = 128 << 20
    static let ownAnswerBytes = 65_536

    func share() -> Share { Share(of: self) }

    /// What one query has taken; given back when the query ends.
    final class Share: Sendable {
        private let memory: QueryMemory
        private let blocks = Atomic(0)

        init(of memory: QueryMemory) { self.memory = memory }

        /// Makes sure that there is room for so much; false if there is not.
        func cover(_ units: Int) -> Bool {
            let missing =
                (units + memory.unitsPerBlock - 1) / memory.unitsPerBlock - blocks.load(ordering: .relaxed)
            guard missing > 0 else { return true }
            let taken = memory.blocksTaken.wrappingAdd(missing, ordering: .relaxed).newValue
            guard taken <= memory.blocksMax else {
                memory.blocksTaken.wrappingSubtract(missing, ordering: .relaxed)
                return false
            }
            blocks.wrappingAdd(missing, ordering: .relaxed)
            return true
        }

        deinit { memory.blocksTaken.wrappingSubtract(blocks.load(ordering: .relaxed), ordering: .relaxed) }
    }
}
