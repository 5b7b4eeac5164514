import Dispatch
import Foundation

/// A gate between threads: ``wait()`` blocks until ``open()`` was called.
package final class StorageGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func open() { semaphore.signal() }

    package func wait() { semaphore.wait() }
}

/// Runs a body that may block on a thread of its own, so that no thread of the concurrency pool is held up.
package func onOwnThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}
