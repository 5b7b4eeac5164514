/// A binary min-heap of deadlines with at most one per slot, so that a deadline can be moved or removed.
struct DeadlineHeap {
    private struct Node {
        var deadline: LoopInstant
        var slot: UInt32
    }

    private var nodes: [Node] = []
    /// Index in `nodes` by slot, or -1.
    private var positions: [Int32] = []

    var count: Int { nodes.count }

    var earliest: LoopInstant? { nodes.first?.deadline }

    /// Sets, moves or (with nil) removes the deadline of a slot.
    mutating func set(_ deadline: LoopInstant?, of slot: UInt32) {
        while positions.count <= Int(slot) { positions.append(-1) }
        let position = Int(positions[Int(slot)])
        switch (deadline, position) {
        case (nil, -1):
            break
        case (nil, _):
            remove(at: position)
        case (let deadline?, -1):
            nodes.append(Node(deadline: deadline, slot: slot))
            positions[Int(slot)] = Int32(nodes.count - 1)
            siftUp(nodes.count - 1)
        case (let deadline?, _):
            nodes[position].deadline = deadline
            siftUp(position)
            siftDown(Int(positions[Int(slot)]))
        }
    }

    /// Takes out the slot with the earliest deadline if that is not after `now`.
    mutating func popDue(at now: LoopInstant) -> UInt32? {
        guard let first = nodes.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.slot
    }

    private mutating func remove(at index: Int) {
        positions[Int(nodes[index].slot)] = -1
        let last = nodes.removeLast()
        guard index < nodes.count else { return }
        nodes[index] = last
        positions[Int(last.slot)] = Int32(index)
        siftUp(index)
        siftDown(Int(positions[Int(last.slot)]))
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard nodes[index].deadline < nodes[parent].deadline else { return }
            swap(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < nodes.count else { return }
            if child + 1 < nodes.count, nodes[child + 1].deadline < nodes[child].deadline { child += 1 }
            guard nodes[child].deadline < nodes[index].deadline else { return }
            swap(index, child)
            index = child
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        nodes.swapAt(left, right)
        positions[Int(nodes[left].slot)] = Int32(left)
        positions[Int(nodes[right].slot)] = Int32(right)
    }
}
