import Locking

/// Which rows of a base were looked at, and in which versions.
final class BaseReads: Sendable {
    private struct State {
        var seen: Set<Key> = []
        var conditions: [Precondition] = []
    }

    private let state = Locked(State())

    /// Notes the version of a row; nil if there was none.
    func note(_ key: Key, _ version: CommitVersion?) {
        state.withLock { state in
            // If the row has changed since it was first looked at, the first condition does not hold when it comes to that.
            guard state.seen.insert(key).inserted else { return }
            state.conditions.append(version.map { .version(key, $0) } ?? .absent(key))
        }
    }

    func clear() {
        state.withLock { state in
            state.seen.removeAll(keepingCapacity: true)
            state.conditions.removeAll(keepingCapacity: true)
        }
    }

    /// That all of them are as they were.
    var conditions: [Precondition] { state.withLock(\.conditions) }
}
