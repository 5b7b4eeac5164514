import Locking
import Storage

/// The sets of memberships that changes of this process are building or marking, so that nobody takes them for what was left behind.
///
/// A set whose process has died is in no list: one that no group owns is then removed, and what is marked in another is undone.
final class SetsInWork: Sendable {
    private let sets = Locked<[UniqueID: [CheckedContinuation<Void, Never>]]>([:])

    /// Notes a set; false if somebody of this process works on it already.
    @discardableResult
    func insert(_ set: UniqueID) -> Bool {
        sets.withLock { sets in
            guard sets[set] == nil else { return false }
            sets[set] = []
            return true
        }
    }

    func remove(_ set: UniqueID) {
        let waiting = sets.withLock { $0.removeValue(forKey: set) } ?? []
        for continuation in waiting { continuation.resume() }
    }

    func contains(_ set: UniqueID) -> Bool { sets.withLock { $0[set] != nil } }

    /// Waits until nobody of this process works on a set any more; false if nobody did.
    func waitForEnd(of set: UniqueID) async -> Bool {
        guard contains(set) else { return false }
        await withCheckedContinuation { continuation in
            let isWaiting = sets.withLock { sets in
                sets[set]?.append(continuation) != nil
            }
            if !isWaiting { continuation.resume() }
        }
        return true
    }
}
