import Dispatch

/// The executor of one test's client, a thread that no other test uses.
///
/// All tests share as many threads as there are CPUs, where who has slept goes behind everything that is queued: seconds
/// when the whole package's tests run. A client that comes back so late has missed the deadline that it is there to test.
final class OwnTurn: TaskExecutor {
    private let queue = DispatchQueue(label: "test client")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

private let timers = DispatchQueue(label: "test timers")

/// Sleeps; unlike after `Task.sleep` the wake-up needs no thread that all tests share.
func pause(_ duration: Duration) async {
    let nanoseconds = duration / .nanoseconds(1)
    await withCheckedContinuation { continuation in
        timers.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds))) { continuation.resume() }
    }
}
