import Glibc
import Storage
import Synchronization

/// Rows of the latest batches, over those of the data file: a hash table and a skip list of the same nodes.
///
/// One thread writes, any number read, and nobody locks. A row carries the number of its batch, and a key
/// holds its versions, newest
/// first; a reader takes the newest that is not above the number it was given. So a batch's rows are put
/// before the batch
/// counts, and are taken back if it comes to nothing. A row that is deleted is a version too, since it hides
/// another one below.
///
/// ```
/// slot ─► node ─► node           list ─► node a ─► node c ─► node f
///          │                               │
///          └ version 9 ─► version 4        └ version 7, deleted
/// ```
///
/// `@unchecked Sendable`: see ``RunNode`` for what is read while it is written. All memory lives as long as
/// self.
@safe
final class Run: @unchecked Sendable {
    private let arena = Arena()
    private let slots: UnsafeMutablePointer<Atomic<UInt>>
    private let slotMask: UInt64
    /// The node before the first: all links, no key.
    let head: RunNode
    private let seed: UInt64
    /// The classes of the keys' first bytes, as bits: most walks are of a prefix that no key of the run has.
    private let beginnings: UnsafeMutablePointer<Atomic<UInt64>>
    /// Where keys were added last, for the writer.
    private var fingers: RunFingers
    /// Decides the heights of nodes.
    private var dice: UInt64

    static let heightMax = 20
    /// The table never grows, as readers would have to be told; a slot of more nodes only takes longer.
    ///
    /// About as many as a run has keys when it is full, since each further node of a slot costs a miss of the cache.
    private static let slotCount = 1 << 18

    /// The number of the first batch, 0 while there is none; used by the writer.
    private(set) var firstNumber: UInt64 = 0
    private(set) var nodeCount = 0

    init() {
        seed = .random(in: .min ... .max)
        dice = seed | 1
        slotMask = UInt64(Self.slotCount - 1)
        unsafe slots = unsafe Self.table(of: Self.slotCount)
        unsafe beginnings = unsafe Self.table(of: Self.beginningCount / UInt64.bitWidth)
        let place = unsafe arena.allocate(RunNode.byteCount(keyBytes: 0, height: Self.heightMax))
        unsafe head = unsafe RunNode(place)
        unsafe head.initialize(key: UnsafeBufferPointer(start: nil, count: 0), height: Self.heightMax)
        fingers = unsafe RunFingers(head: head)
    }

    deinit {
        unsafe free(slots)
        unsafe free(beginnings)
    }

    /// Zeros from the system, which takes memory for those only that are written.
    private static func table<Element: ~Copyable>(of count: Int) -> UnsafeMutablePointer<Element> {
        guard let table = unsafe calloc(count, MemoryLayout<Element>.stride) else {
            preconditionFailure("there is no memory for a run of the overlay")
        }
        return unsafe table.bindMemory(to: Element.self, capacity: count)
    }

    /// What the run takes, in bytes.
    var byteCount: Int { arena.usedBytes }

    /// What the data file may need at most to take the run in: each row in a page of its own, and twice its bytes.
    var neededBytes: Int { nodeCount * Self.pageBytes + 2 * arena.usedBytes }

    /// The same for a changeset that is not in a run yet, from the bytes that it writes.
    static func neededBytes(for changeset: Changeset, _ byteCount: Int) -> Int {
        changeset.mutations.count * pageBytes + 2 * byteCount
    }

    private static let pageBytes = 4096

    /// Whether there is no key at all.
    var isEmpty: Bool { unsafe first == nil }
}

// MARK: - Reading

extension Run {
    /// The first node of all.
    var first: RunNode? { unsafe head.next(0) }

    /// Whether there may be keys with a prefix.
    func mayHold(prefix: UnsafeBufferPointer<UInt8>) -> Bool {
        guard prefix.count >= Self.beginningBytes else { return true }
        let (word, bit) = unsafe beginning(of: prefix)
        return unsafe beginnings[word].load(ordering: .acquiring) & bit != 0
    }

    /// A space and the number of a tenant.
    private static let beginningBytes = 5
    private static let beginningCount = 1 << 14

    /// The class of a key's first bytes, as a bit of a word.
    private func beginning(of key: UnsafeBufferPointer<UInt8>) -> (word: Int, bit: UInt64) {
        let count = min(key.count, Self.beginningBytes)
        let hash = unsafe hash(of: UnsafeBufferPointer(rebasing: key[..<count]))
        let word = Int(truncatingIfNeeded: hash >> 6) & (Self.beginningCount / UInt64.bitWidth - 1)
        return (word, 1 << (hash & 63))
    }

    /// The node of a key.
    func find(_ key: UnsafeBufferPointer<UInt8>) -> RunNode? {
        let hash = unsafe hash(of: key)
        let slot = SlotWord(unsafe slot(of: hash).pointee.load(ordering: .acquiring))
        guard slot.mayHold(hash) else { return nil }
        var node = unsafe slot.first
        while let found = unsafe node {
            if unsafe Self.areEqual(found.key, key) { return unsafe found }
            unsafe node = unsafe RunNode(word: found.nextInSlot.pointee.load(ordering: .acquiring))
        }
        return nil
    }

    /// The first node whose key is this one or comes behind it.
    func seek(_ key: UnsafeBufferPointer<UInt8>) -> RunNode? {
        unsafe lastNode(below: key).next(0)
    }

    /// The last node whose key comes before this one, or the last of all.
    func last(before key: UnsafeBufferPointer<UInt8>?) -> RunNode? {
        let node = unsafe lastNode(below: key)
        return unsafe node.word == head.word ? nil : node
    }

    /// As ``last(before:)``; the head if there is none.
    private func lastNode(below key: UnsafeBufferPointer<UInt8>?) -> RunNode {
        var node = unsafe head
        var level = Self.heightMax - 1
        while true {
            if let next = unsafe node.next(level), unsafe Self.isBelow(next, key) {
                unsafe node = unsafe next
            } else if level == 0 {
                return unsafe node
            } else {
                level -= 1
            }
        }
    }

    private static func isBelow(_ node: RunNode, _ key: UnsafeBufferPointer<UInt8>?) -> Bool {
        guard let key = unsafe key else { return true }
        return unsafe isBefore(node.key, key)
    }

    private func slot(of hash: UInt64) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe slots + Int(truncatingIfNeeded: hash & slotMask)
    }

    private func hash(of key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(key)
        var hash = seed ^ UInt64(truncatingIfNeeded: key.count)
        var place = 0
        while place + 8 <= bytes.count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            hash = Self.mix(hash ^ word)
            place += 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = rest << 8 | UInt64(unsafe bytes[place])
            place += 1
        }
        return Self.mix(hash ^ rest)
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    static func areEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe left.count == right.count && order(left, right) == 0
    }

    static func isBefore(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe order(left, right) < 0
    }

    /// Lexicographic order, as LMDB has it.
    static func order(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        unsafe left.span.order(right.span)
    }
}

/// The first node of a slot, and which of 16 classes of keys the slot has: most keys that are not there are told without a look at a node.
///
///     classes 16 ‖ address 48, which is all that a process of Linux has
private struct SlotWord {
    let word: UInt

    private static let addressBits: UInt = 48

    init(_ word: UInt) { self.word = word }

    var first: RunNode? { unsafe RunNode(word: firstWord) }

    /// The address of the first node; 0 if there is none.
    var firstWord: UInt { word & (1 << Self.addressBits - 1) }

    /// Whether a key of this hash may be among the nodes.
    func mayHold(_ hash: UInt64) -> Bool { word & Self.mark(hash) != 0 }

    /// The same with another node in front.
    func adding(_ node: RunNode, _ hash: UInt64) -> SlotWord {
        precondition(
            unsafe node.word >> Self.addressBits == 0,
            "an address has more bits than Linux gives out"
        )
        let marks = word & ~(1 << Self.addressBits - 1)
        return unsafe SlotWord(marks | Self.mark(hash) | node.word)
    }

    /// The class comes from bits that do not choose the slot.
    private static func mark(_ hash: UInt64) -> UInt { 1 << (addressBits + UInt(hash >> 60)) }
}

// MARK: - Writing

/// What a batch has put into a run so far: each key once, with the version that it had before.
@unsafe
struct RunChanges {
    fileprivate(set) var nodes: [(node: RunNode, before: UInt)] = unsafe []

    mutating func removeAll() { unsafe nodes.removeAll(keepingCapacity: true) }
}

extension Run {
    /// Puts a row, for readers that have a number from this one on.
    ///
    /// - Parameters:
    ///   - key: copied.
    ///   - number: the batch's, at least as high as all before.
    ///   - storedBytes: the length of the row as it is stored; nil if it is deleted.
    ///   - changes: notes it, so that it can be taken back.
    ///   - fill: writes the row.
    func put(
        _ key: UnsafeBufferPointer<UInt8>,
        number: UInt64,
        storedBytes: Int?,
        changes: inout RunChanges,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        if firstNumber == 0 { firstNumber = number }
        let node = unsafe find(key) ?? add(key)
        let newest = unsafe node.newest.pointee.load(ordering: .relaxed)
        var previous = newest
        if let own = unsafe RunVersion(word: newest), unsafe own.number == number {
            // Nobody sees the batch's earlier version, and nobody ever will.
            previous = unsafe own.previousWord
        } else {
            unsafe changes.nodes.append((node, newest))
        }
        let place = unsafe arena.allocate(RunVersion.byteCount(storedBytes: storedBytes ?? 0))
        let version = unsafe RunVersion(place)
        unsafe version.initialize(number: number, previous: previous, storedBytes: storedBytes)
        unsafe fill(version.stored)
        unsafe node.newest.pointee.store(version.word, ordering: .releasing)
    }

    /// Visits what a batch leaves, each row once; nil stands for one that is deleted.
    func visit(_ changes: RunChanges, _ body: (Span<UInt8>, Span<UInt8>?) -> Void) {
        unsafe changes.nodes.forEach { node, _ in
            guard let version = unsafe RunVersion(word: node.newest.pointee.load(ordering: .relaxed)) else {
                return
            }
            // Both lie in the arena, which lives as long as self.
            if unsafe version.isDeleted {
                body(unsafe node.key.span, nil)
            } else {
                body(unsafe node.key.span, unsafe version.bytes.span)
            }
        }
    }

    /// Takes back what a batch has put; its keys stay, with the versions that they had.
    func takeBack(_ changes: inout RunChanges) {
        unsafe changes.nodes.forEach { node, before in
            unsafe node.newest.pointee.store(before, ordering: .releasing)
        }
        unsafe changes.removeAll()
    }

    private func add(_ key: UnsafeBufferPointer<UInt8>) -> RunNode {
        let height = drawHeight()
        // Told before the key can be found.
        let (word, bit) = unsafe beginning(of: key)
        unsafe beginnings[word].bitwiseOr(bit, ordering: .releasing)
        let place = unsafe arena.allocate(RunNode.byteCount(keyBytes: key.count, height: height))
        let new = unsafe RunNode(place)
        unsafe new.initialize(key: key, height: height)
        unsafe fingers.insert(new, height: height)
        let hash = unsafe hash(of: key)
        let slot = unsafe slot(of: hash)
        let before = SlotWord(unsafe slot.pointee.load(ordering: .relaxed))
        unsafe new.nextInSlot.pointee.store(before.firstWord, ordering: .relaxed)
        unsafe slot.pointee.store(before.adding(new, hash).word, ordering: .releasing)
        nodeCount += 1
        return unsafe new
    }

    /// One more level with a probability of a quarter each.
    private func drawHeight() -> Int {
        dice ^= dice << 13
        dice ^= dice >> 7
        dice ^= dice << 17
        return min(1 + dice.trailingZeroBitCount / 2, Self.heightMax)
    }
}
