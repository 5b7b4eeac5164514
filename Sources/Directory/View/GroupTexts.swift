import Locking
import Storage

/// What users' `groups` show of a group, as finished text, so that an answer needs no look at the group's record.
///
/// A text is good for one state of the tenant's groups (``StoreSnapshot/state(of:kind:)``), which their names and sets belong to and their
/// members do not: who joins or leaves a group changes none, and a text that is out of date is never shown.
package final class GroupTexts: Sendable {
    /// Texts that are kept, and bytes of each: nine megabytes at most.
    static let textsMax = shardCount * textsOfShardMax
    static let textBytesMax = 512

    private static let shardCount = 8
    private static let textsOfShardMax = 2_048

    /// Whose texts are asked for, and in which state.
    struct Asked {
        let tenant: UInt32
        let state: UInt64
        let baseURL: String
    }

    private struct Slot {
        let tenant: UInt32
        let state: UInt64
        let id: UniqueID
        let baseURL: String
        let text: [UInt8]

        func holds(_ id: UniqueID, _ asked: Asked) -> Bool {
            self.id == id && tenant == asked.tenant && state == asked.state && baseURL == asked.baseURL
        }
    }

    /// A tenant's texts are in one, so that a user's groups take one lock.
    private final class Shard: Sendable {
        let slots = Locked<[Slot?]>([])
    }

    private let shards = (0..<shardCount).map { _ in Shard() }

    package init() {}

    private func shard(_ asked: Asked) -> Shard { shards[Int(asked.tenant) % Self.shardCount] }

    private static func place(_ id: UniqueID) -> Int {
        Int(truncatingIfNeeded: id.low) & (textsOfShardMax - 1)
    }

    /// Writes the texts of groups with commas between; false, and part of them, if one is not there.
    func append(_ groups: [UniqueID], _ asked: Asked, to output: inout [UInt8]) -> Bool {
        shard(asked).slots.withLock { slots in
            guard !slots.isEmpty else { return false }
            for index in groups.indices {
                guard let slot = slots[Self.place(groups[index])], slot.holds(groups[index], asked) else {
                    return false
                }
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output += slot.text
            }
            return true
        }
    }

    /// Keeps texts, unless they are long, in place of whatever has their places.
    func keep(_ texts: [(id: UniqueID, text: [UInt8])], _ asked: Asked) {
        shard(asked).slots.withLock { slots in
            if slots.isEmpty { slots = Array(repeating: nil, count: Self.textsOfShardMax) }
            for (id, text) in texts where text.count <= Self.textBytesMax {
                slots[Self.place(id)] = Slot(
                    tenant: asked.tenant,
                    state: asked.state,
                    id: id,
                    baseURL: asked.baseURL,
                    text: text
                )
            }
        }
    }
}
