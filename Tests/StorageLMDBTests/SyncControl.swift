import Locking
import TestSupport

/// Stands in front of each sync of a store: counts them, holds the first up, answers in LMDB's place.
final class SyncControl: Sendable {
    private let state: Locked<(syncs: Int, answers: [Int32?])>
    private let holdsFirst: Bool
    private let reached = StorageGate()
    private let gate = StorageGate()

    /// - Parameters:
    ///   - holdsFirst: whether the first sync waits until it is let go; then LMDB does it.
    ///   - answers: what the other syncs answer, in turn; nil lets LMDB do it.
    init(holdsFirst: Bool = false, answers: [Int32?] = []) {
        self.holdsFirst = holdsFirst
        state = Locked((0, answers))
    }

    var syncs: Int { state.withLock { $0.syncs } }

    /// For `LMDBStore.Configuration.commitFault`.
    func answer() -> Int32? {
        let sync = state.withLock { state in
            state.syncs += 1
            return state.syncs
        }
        if holdsFirst, sync == 1 {
            reached.open()
            gate.wait()
            return nil
        }
        return state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
    }

    /// Waits until the first sync is held up.
    func waitUntilHeld() async {
        await onOwnThread { self.reached.wait() }
    }

    func letGo() { gate.open() }
}
