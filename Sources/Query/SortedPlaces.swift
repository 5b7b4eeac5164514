import SCIM
import Storage
import Tenancy

/// Where a resource stands in a list: by its sort key, then by its type, then by its id, so that no two stand alike.
struct ListPlace: Sendable {
    let key: SortKey
    /// The index of the query's part that the resource belongs to.
    let part: Int
    let id: UniqueID

    /// Whether this place comes first; a descending list turns the keys round and nothing else.
    func precedes(_ other: ListPlace, descending: Bool) -> Bool {
        if key != other.key { return (key < other.key) != descending }
        return (part, id) < (other.part, other.id)
    }
}

/// The first places of a list, or the last ones, out of any number that are offered: memory is bounded by how many are
/// kept, work by their logarithm for each offer.
struct SortedPlaces: Sendable {
    /// Which places are kept.
    enum End: Sendable { case first, last }

    private let end: End
    private let isDescending: Bool
    private let capacity: Int
    /// A binary heap with the place on top that is given up next.
    private var heap: [ListPlace] = []
    private let memory: QueryMemory.Share

    /// `capacity`: at least 1.
    init(_ end: End, capacity: Int, descending: Bool, memory: QueryMemory) {
        self.end = end
        self.capacity = capacity
        isDescending = descending
        self.memory = memory.share()
    }

    var count: Int { heap.count }

    /// Takes the place in if it is one of those to keep.
    ///
    /// - Throws: ``DirectoryError/busy`` if other queries hold all the memory there is for sorting.
    mutating func offer(_ place: ListPlace) throws(DirectoryError) {
        if heap.count < capacity {
            guard memory.cover(heap.count + 1) else { throw .busy }
            heap.append(place)
            siftUp()
        } else if goesBefore(heap[0], place) {
            heap[0] = place
            siftDown()
        }
    }

    /// Takes out the place that would be given up next: of the first places the last one, and the other way round.
    mutating func pop() -> ListPlace? {
        guard let top = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            siftDown()
        }
        return top
    }

    /// Whether `a` is given up before `b`.
    private func goesBefore(_ a: ListPlace, _ b: ListPlace) -> Bool {
        end == .first
            ? b.precedes(a, descending: isDescending) : a.precedes(b, descending: isDescending)
    }

    private mutating func siftUp() {
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard goesBefore(heap[index], heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var top = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && goesBefore(heap[child], heap[top]) {
                top = child
            }
            guard top != index else { return }
            heap.swapAt(index, top)
            index = top
        }
    }
}
