import Locking
import Storage

/// What users' `groups` show of a group, as finished text, so that an answer needs no look at the group's record.
///
/// A text is good for one state of the tenant's groups (``StoreSnapshot/state(of:kind:)``), which their names and sets belong to and their
/// members do not: who joins or leaves a group changes none, and a text that is out of date is never shown.
package final class GroupTexts: Sendable {
    /// Bytes of a text that is kept; there are 32,768 at most, which is 20 megabytes.
    static let textBytesMax = 512
    private static let shardCount = 4
    private static let textsOfShardMax = 8_192
    /// Texts that share a place, so that two groups do not take it from each other time and again.
    private static let textsOfPlace = 2

    /// Whose texts are asked for, and in which state.
    struct Asked: Equatable {
        let tenant: UInt32
        let state: UInt64
        let baseURL: String
    }

    private struct Slot {
        let id: UniqueID
        let asked: Asked
        let text: [UInt8]

        func holds(_ id: UniqueID, _ asked: Asked) -> Bool { self.id == id && self.asked == asked }
    }

    /// A tenant's texts are in one, so that a user's groups take one lock.
    private final class Shard: Sendable {
        let slots = Locked<[Slot?]>([])
    }

    private let shards = (0..<shardCount).map { _ in Shard() }

    package init() {}

    private func shard(_ asked: Asked) -> Shard { shards[Int(asked.tenant) % Self.shardCount] }

    private static func place(_ id: UniqueID) -> Int {
        Int(truncatingIfNeeded: id.low & UInt64(textsOfShardMax / textsOfPlace - 1)) * textsOfPlace
    }

    private static func text(of id: UniqueID, _ asked: Asked, in slots: [Slot?]) -> [UInt8]? {
        let place = place(id)
        for index in place..<place + textsOfPlace {
            if let slot = slots[index], slot.holds(id, asked) { return slot.text }
        }
        return nil
    }

    /// Writes the texts of groups with commas between; false, and part of them, if one is not there.
    func append(_ groups: [UniqueID], _ asked: Asked, to output: inout [UInt8]) -> Bool {
        shard(asked).slots.withLock { slots in
            guard !slots.isEmpty else { return false }
            for index in groups.indices {
                guard let text = Self.text(of: groups[index], asked, in: slots) else { return false }
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output += text
            }
            return true
        }
    }

    /// Keeps texts, unless they are long, in place of those that were kept at their places before the last.
    func keep(_ texts: [(id: UniqueID, text: [UInt8])], _ asked: Asked) {
        shard(asked).slots.withLock { slots in
            if slots.isEmpty { slots = Array(repeating: nil, count: Self.textsOfShardMax) }
            for (id, text) in texts where text.count <= Self.textBytesMax {
                let place = Self.place(id)
                if slots[place]?.holds(id, asked) == false { slots[place + 1] = slots[place] }
                slots[place] = Slot(id: id, asked: asked, text: text)
            }
        }
    }
}
