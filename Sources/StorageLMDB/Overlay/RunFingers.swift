import Synchronization

/// Where keys were put into a run's list last, so that the next key of the same kind is looked for from there.
///
/// Keys of a kind begin with the same bytes, and many kinds grow in ascending order: records and edges of an import,
/// audit rows, changes by time. From the last key's place such a key is a few steps away, where a search from the
/// list's beginning misses the cache at each level.
///
/// ```
/// level 2   head ─────────────► d ───────────────────► (end)
/// level 1   head ──► b ───────► d ──────► f ─────────► (end)      last f: before[0] = f, before[1] = f, before[2] = d
/// level 0   head ──► b ──► c ─► d ──► e ► f ─────────► (end)      next g: one look, at f's next, says that it goes behind f
/// ```
@safe
struct RunFingers: ~Copyable {
    /// For each finger and level a node that comes before the last key or is it, though maybe not the nearest one.
    private let places: UnsafeMutablePointer<UInt>
    private let head: RunNode

    /// Kinds that share a finger are looked for from the beginning, each time that the other has moved it.
    private static let count = 64
    /// The bytes that tell a kind: a space, the number of a tenant, a kind of resource and an indexed attribute.
    private static let kindBytes = 7

    /// Begins every search at the head of the list.
    init(head: RunNode) {
        unsafe self.head = unsafe head
        unsafe places = .allocate(capacity: Self.count * Run.heightMax)
        unsafe places.initialize(repeating: head.word, count: Self.count * Run.heightMax)
    }

    deinit { unsafe places.deallocate() }

    /// Links a node whose key is not in the list; it is linked from the bottom up, so that it is found in order at once.
    func insert(_ new: RunNode, height: Int) {
        let key = unsafe new.key
        let before = unsafe finger(of: key)
        unsafe move(before, to: key, height: height)
        for level in 0..<height {
            guard let node = unsafe RunNode(word: before[level]) else { continue }
            let next = unsafe node.link(level).pointee.load(ordering: .relaxed)
            unsafe new.link(level).pointee.store(next, ordering: .relaxed)
            unsafe node.link(level).pointee.store(new.word, ordering: .releasing)
            unsafe before[level] = unsafe new.word
        }
    }

    private func finger(of key: UnsafeBufferPointer<UInt8>) -> UnsafeMutablePointer<UInt> {
        let kind = unsafe key.prefix(Self.kindBytes).reduce(0) { $0 &* 31 &+ UInt($1) }
        return unsafe places + Int(kind % UInt(Self.count)) * Run.heightMax
    }

    /// Moves a finger to the last nodes before a key, at least on the levels of a new node.
    private func move(
        _ before: UnsafeMutablePointer<UInt>,
        to key: UnsafeBufferPointer<UInt8>,
        height: Int
    ) {
        var level: Int
        if let near = unsafe nearLevel(before, key, height: height) {
            level = near
        } else {
            unsafe before.update(repeating: head.word, count: Run.heightMax)
            level = Run.heightMax - 1
        }
        var node = unsafe head
        while level >= 0 {
            // Of the nodes that come before the key, from the level above and on this one, the later.
            if let place = unsafe RunNode(word: before[level]), unsafe Run.isBefore(node.key, place.key) {
                unsafe node = unsafe place
            }
            while let next = unsafe node.next(level), unsafe Run.isBefore(next.key, key) {
                unsafe node = unsafe next
            }
            unsafe before[level] = unsafe node.word
            level -= 1
        }
    }

    /// The lowest level on which a finger is next to a key.
    ///
    /// Nil if the key comes before the finger, or so far behind it that a search from the beginning is as short.
    private func nearLevel(
        _ before: UnsafeMutablePointer<UInt>,
        _ key: UnsafeBufferPointer<UInt8>,
        height: Int
    ) -> Int? {
        guard let last = unsafe RunNode(word: before[0]), unsafe Run.isBefore(last.key, key) else {
            return nil
        }
        let levels = (height - 1)..<min(height + Self.climbMax, Run.heightMax)
        return levels.first { level in
            guard let next = unsafe RunNode(word: before[level])?.next(level) else { return true }
            return unsafe !Run.isBefore(next.key, key)
        }
    }

    /// Levels that are looked at beyond those of a new node.
    private static let climbMax = 4
}
