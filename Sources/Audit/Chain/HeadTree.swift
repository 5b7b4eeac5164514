internal import Storage

/// The tree over the ends of all streams, in byte order of their names (RFC 6962 §2.1).
///
///     leaf  SHA-256(0 ‖ stream ‖ 0 ‖ sequence, 8 bytes ‖ hash)
///     node  SHA-256(1 ‖ left ‖ right)
///
/// A head that changes costs the path to the root; a stream that is new costs the tree.
package struct HeadTree: Sendable {
    private struct Leaf: Sendable {
        let stream: String
        var sequence: UInt64
        var hash: TrailHash
    }

    private let digest: TrailDigest
    private var leaves: [Leaf] = []
    private var indices: [String: Int] = [:]
    private var added: [String: (UInt64, TrailHash)] = [:]
    private var changed: Set<Int> = []
    /// The leaves' hashes first, the root last.
    private var levels: [[TrailHash]] = []

    package init(_ digest: TrailDigest) { self.digest = digest }

    package var streamCount: Int { leaves.count + added.count }

    /// How many records the streams have, from the numbers of their last ones.
    package var recordCount: UInt64 {
        leaves.reduce(0) { $0 &+ $1.sequence } &+ added.values.reduce(0) { $0 &+ $1.0 }
    }

    /// The end of a stream; nil if it is not in the tree.
    package func head(of stream: String) -> (sequence: UInt64, hash: TrailHash)? {
        if let index = indices[stream] { return (leaves[index].sequence, leaves[index].hash) }
        return added[stream].map { ($0.0, $0.1) }
    }

    /// All ends, by their streams.
    package var heads: [(stream: String, sequence: UInt64, hash: TrailHash)] {
        let all =
            leaves.map { ($0.stream, $0.sequence, $0.hash) } + added.map { ($0.key, $0.value.0, $0.value.1) }
        return all.sorted { Self.precedes($0.0, $1.0) }
    }

    /// Gives a stream its end.
    package mutating func set(_ stream: String, sequence: UInt64, hash: TrailHash) {
        guard let index = indices[stream] else {
            added[stream] = (sequence, hash)
            return
        }
        leaves[index].sequence = sequence
        leaves[index].hash = hash
        changed.insert(index)
    }

    /// The root; nil without a stream.
    package mutating func root() -> TrailHash? {
        if !added.isEmpty {
            leaves += added.map { Leaf(stream: $0.key, sequence: $0.value.0, hash: $0.value.1) }
            leaves.sort { Self.precedes($0.stream, $1.stream) }
            indices = Dictionary(uniqueKeysWithValues: zip(leaves.map(\.stream), leaves.indices))
            added = [:]
            levels = [leaves.map { hash(of: $0) }]
            while let last = levels.last, last.count > 1 {
                levels.append((0..<(last.count + 1) / 2).map { parent(at: $0, over: last) })
            }
        } else {
            for index in changed { levels[0][index] = hash(of: leaves[index]) }
            var nodes = changed
            for level in levels.indices.dropFirst() {
                nodes = Set(nodes.map { $0 / 2 })
                for node in nodes { levels[level][node] = parent(at: node, over: levels[level - 1]) }
            }
        }
        changed = []
        return levels.last?.first
    }

    /// A node without a right neighbour goes up as it is, which is where RFC 6962 splits too.
    private func parent(at index: Int, over level: [TrailHash]) -> TrailHash {
        2 * index + 1 < level.count
            ? digest.node(level[2 * index], level[2 * index + 1]) : level[2 * index]
    }

    private func hash(of leaf: Leaf) -> TrailHash {
        var bytes: [UInt8] = Array(leaf.stream.utf8)
        bytes.append(0)
        bytes.appendBigEndian(leaf.sequence)
        leaf.hash.append(to: &bytes)
        return digest.leaf(bytes)
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

extension TrailDigest {
    /// The hash of a leaf of a tree (RFC 6962 §2.1).
    func leaf(_ data: [UInt8]) -> TrailHash { hash([0] + data) }

    /// The hash of a node of a tree (RFC 6962 §2.1).
    func node(_ left: TrailHash, _ right: TrailHash) -> TrailHash {
        var bytes: [UInt8] = [1]
        bytes.reserveCapacity(1 + 2 * TrailHash.byteCount)
        left.append(to: &bytes)
        right.append(to: &bytes)
        return hash(bytes)
    }
}

/// A tree that only grows, as far as its root and its growth need it (RFC 6962 §2.1): the roots of its full subtrees.
struct TreeFrontier: Sendable, Equatable {
    private(set) var size: UInt64 = 0
    /// From the largest subtree to the smallest: one for each 1 in the size.
    private(set) var peaks: [TrailHash] = []

    init() {}

    init?(size: UInt64, peaks: [TrailHash]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    mutating func append(_ leaf: TrailHash, _ digest: TrailDigest) {
        var node = leaf
        // As with adding 1 to a number: what is full is carried.
        for _ in 0..<size.trailingOneBitCount { node = digest.node(peaks.removeLast(), node) }
        peaks.append(node)
        size += 1
    }

    /// The root; nil of an empty tree.
    func root(_ digest: TrailDigest) -> TrailHash? {
        guard var root = peaks.last else { return nil }
        for peak in peaks.dropLast().reversed() { root = digest.node(peak, root) }
        return root
    }
}

extension UInt64 {
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
