import Foundation
internal import Locking
package import Storage
internal import StorageLMDB
import Synchronization

/// A real store in a folder, whose log is on a disk in memory that loses power.
///
/// Runs are so small that the data file gets them all the time, in several transactions each: a crash comes between any two of them.
package final class LoggedBase: SimulatedBase {
    private struct State {
        var store: LMDBStore
        var disk: SimulatedDisk
        var random: SeededGenerator
    }

    /// Whether the process of the store has died.
    private final class Life: Sendable {
        let isOver = Atomic(false)
    }

    /// Threads that nobody else uses.
    private final class OwnQueue: TaskExecutor {
        private let queue = DispatchQueue(label: "commits", attributes: .concurrent)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private let executor = OwnQueue()
    private let path: String
    private let clock: @Sendable () -> Int64
    private let state: Locked<(state: State, life: Life)>

    /// Makes a store in a folder that is there.
    package init(folder: String, seed: UInt64, clock: @escaping @Sendable () -> Int64) throws(StoreError) {
        path = folder + "/store"
        self.clock = clock
        let (disk, life) = (SimulatedDisk(), Life())
        let store = try Self.open(path, disk, life, clock)
        state = Locked((State(store: store, disk: disk, random: SeededGenerator(seed: seed)), life))
    }

    private static func open(
        _ path: String,
        _ disk: SimulatedDisk,
        _ life: Life,
        _ clock: @escaping @Sendable () -> Int64
    ) throws(StoreError) -> LMDBStore {
        var configuration = LMDBStore.Configuration.small
        configuration.logDisk = disk
        configuration.runBytesMax = 6_000
        // A busy machine may keep a checkpoint waiting; a refusal for that would be none of the simulated faults'.
        configuration.commitWaitMax = .seconds(300)
        configuration.checkpointRowsMax = 7
        configuration.log.segmentBytes = 256 << 10
        configuration.log.reserveBytes = 32 << 10
        configuration.log.retainedBytesMax = 0
        configuration.clockAheadMax = .seconds(1_000_000_000)
        configuration.checkpointFault = { life.isOver.load(ordering: .relaxed) ? EIO : nil }
        return try LMDBStore(path: path, configuration: configuration, clock: clock)
    }

    private var store: LMDBStore { state.withLock { $0.state.store } }

    package func lendSnapshot(
        to body: (borrowing any StoreSnapshot & ~Copyable) throws(StoreError) -> Void
    ) throws(StoreError) {
        try store.lendSnapshot(to: body)
    }

    package var generation: UInt64? { store.generation }

    package func commit(_ changeset: Changeset) async throws(StoreError) -> CommitReceipt {
        try await store.commit(changeset)
    }

    package func commitNow(_ changeset: Changeset) throws(StoreError) -> CommitReceipt {
        let (store, done) = (store, DispatchSemaphore(value: 0))
        let outcome = Locked<Result<CommitReceipt, StoreError>?>(nil)
        // The caller may hold a thread of the pool, and all others may be held likewise.
        Task.detached(executorPreference: executor) {
            let result: Result<CommitReceipt, StoreError>
            do throws(StoreError) {
                result = .success(try await store.commit(changeset))
            } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        guard let outcome = outcome.withLock({ $0 }) else { throw .closed }
        return try outcome.get()
    }

    /// Power fails: no further transaction reaches the data file, and the log's disk has what was synced, and some of the rest.
    package func crash() {
        state.withLock { current in
            current.life.isOver.store(true, ordering: .relaxed)
            let disk = current.state.disk.afterPowerFailure(using: &current.state.random)
            current.state.store.close()
            let life = Life()
            do throws(StoreError) {
                current = (
                    State(
                        store: try Self.open(path, disk, life, clock),
                        disk: disk,
                        random: current.state.random
                    ), life
                )
            } catch {
                preconditionFailure("the store does not start again: \(error)")
            }
        }
    }

    package func close() { store.close() }
}
