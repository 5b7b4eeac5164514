import Storage

/// What a request wants of the ids that it names; the last word on each counts.
struct MembershipWishes {
    struct Wish {
        let id: UniqueID
        /// The place of the change in the request, and in the lowest bit whether it makes a member.
        fileprivate let word: UInt32
        var finding = Finding.none
        /// The code of the resource's kind, once it is found.
        var kind: UInt8 = 0

        /// Whether the id shall be a member afterwards.
        var isWanted: Bool { word & 1 == 1 }
    }

    /// What a look at the store says of an id that shall be a member.
    enum Finding: UInt8 { case none, kept, added, unknown }

    private var list: [Wish] = []
    /// How many of them are in order among those of their block.
    private var orderedCount = 0

    /// Ids that are put in order at a time.
    private static let blockMax = 32_768

    var count: Int { list.count }

    subscript(index: Int) -> Wish { list[index] }

    mutating func reserveCapacity(_ count: Int) { list.reserveCapacity(count) }

    /// `change`: the place of the change in the request.
    mutating func append(_ id: UniqueID, isWanted: Bool, change: Int) {
        list.append(Wish(id: id, word: UInt32(change) << 1 | (isWanted ? 1 : 0)))
    }

    mutating func note(_ finding: Finding, kind: UInt8 = 0, at index: Int) {
        list[index].finding = finding
        list[index].kind = kind
    }

    mutating func clear() {
        list.removeAll()
        orderedCount = 0
    }

    /// Works on for a block, and takes what that costs from `budget`; true once each id is there once, in ascending order.
    mutating func settle(_ budget: inout Int) -> Bool {
        if list.count > Self.blockMax, orderedCount < list.count {
            let end = min(orderedCount + Self.blockMax, list.count)
            list[orderedCount..<end].sort(by: Self.precedes)
            budget -= end - orderedCount
            orderedCount = end
            return false
        }
        // Merges the blocks: the library's sort begins with the runs that are in order already.
        list.sort(by: Self.precedes)
        keepLastWords()
        orderedCount = list.count
        budget -= list.count
        return true
    }

    private static func precedes(_ left: Wish, _ right: Wish) -> Bool {
        left.id == right.id ? left.word < right.word : left.id < right.id
    }

    private mutating func keepLastWords() {
        var kept = 0
        for index in list.indices {
            if kept > 0, list[kept - 1].id == list[index].id { kept -= 1 }
            list[kept] = list[index]
            kept += 1
        }
        list.removeLast(list.count - kept)
    }
}
