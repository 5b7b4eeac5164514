import Locking
import Storage

/// The sets of memberships that changes of this process are building, so that nobody takes them for what was left behind.
///
/// A set whose process has died is in no list, and is removed like any other that no group owns.
final class SetsInWork: Sendable {
    private let sets = Locked<Set<UniqueID>>([])

    func insert(_ set: UniqueID) { sets.withLock { _ = $0.insert(set) } }

    func remove(_ set: UniqueID) { sets.withLock { _ = $0.remove(set) } }

    func contains(_ set: UniqueID) -> Bool { sets.withLock { $0.contains(set) } }
}
