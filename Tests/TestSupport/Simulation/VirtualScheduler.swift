import Glibc
internal import Locking

/// Runs all jobs of a simulation on one thread; whoever drives it chooses which ready one is next.
///
/// ```
/// loop.enqueue ──┐
/// elsewhere ─────┼─► ready ─► the driver picks one ─► runs it to its next await
/// add(step) ─────┘
/// ```
///
/// With the picks of a seeded generator, a program that takes time and randomness from outside runs the same every time.
/// A job that comes from another thread would break that, and traps.
package final class VirtualScheduler: Sendable {
    private enum Work: Sendable {
        case job(UnownedJob, VirtualLoop)
        /// A job without an executor of its own.
        case free(UnownedJob)
        case step(@Sendable () -> Void)
    }

    private let ready = Locked<[Work]>([])
    private let thread = pthread_self()
    /// Where jobs without an executor run.
    private let freeLoop = Locked<VirtualLoop?>(nil)
    /// The loop whose job runs now.
    private let running = Locked<VirtualLoop?>(nil)

    /// Makes a scheduler for the calling thread, which alone may use it.
    package init() { GlobalJobs.divert() }

    /// Whether the caller runs on the scheduler's thread.
    package var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 }

    package func makeLoop() -> VirtualLoop { VirtualLoop(self) }

    /// Adds something that may happen from now on.
    package func add(_ step: @escaping @Sendable () -> Void) { push(.step(step)) }

    /// Waits for a turn of its own, so that anything else may happen before.
    package func turn() async {
        await withUnsafeContinuation { continuation in add { continuation.resume() } }
    }

    /// How many things may happen next.
    package var readyCount: Int { ready.withLock(\.count) }

    /// Lets one of the things that are ready happen.
    ///
    /// - Parameter index: below ``readyCount``; the first has been ready longest.
    package func run(_ index: Int) {
        precondition(isCurrent, "a scheduler belongs to the thread that made it")
        let work = ready.withLock { $0.remove(at: index) }
        GlobalJobs.receiver = self
        defer { GlobalJobs.receiver = nil }
        switch work {
        case .job(let job, let loop): run(job, on: loop)
        case .free(let job):
            let loop = freeLoop.withLock { loop in
                let made = loop ?? makeLoop()
                loop = made
                return made
            }
            run(job, on: loop)
        case .step(let step): step()
        }
    }

    private func run(_ job: UnownedJob, on loop: VirtualLoop) {
        running.withLock { $0 = loop }
        defer { running.withLock { $0 = nil } }
        job.runSynchronously(
            isolatedTo: loop.asUnownedSerialExecutor(),
            taskExecutor: loop.asUnownedTaskExecutor()
        )
    }

    /// Whether one of the loop's jobs runs now; nil outside of all jobs.
    fileprivate func isRunning(_ loop: VirtualLoop) -> Bool? { running.withLock { $0.map { $0 === loop } } }

    /// Lets everything happen that is ready, in its order, until nothing is.
    package func drain() { while readyCount > 0 { run(0) } }

    fileprivate func enqueue(_ job: UnownedJob, on loop: VirtualLoop) { push(.job(job, loop)) }

    fileprivate func enqueueFree(_ job: UnownedJob) { push(.free(job)) }

    private func push(_ work: Work) {
        precondition(isCurrent, "something of the simulation runs on another thread")
        ready.withLock { $0.append(work) }
    }
}

/// An event loop of a simulation; like a real one it runs the jobs of its actors and of the tasks that prefer it.
package final class VirtualLoop: SerialExecutor, TaskExecutor {
    private let scheduler: VirtualScheduler

    fileprivate init(_ scheduler: VirtualScheduler) { self.scheduler = scheduler }

    package func enqueue(_ job: consuming ExecutorJob) { scheduler.enqueue(UnownedJob(job), on: self) }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    package func isIsolatingCurrentContext() -> Bool? { scheduler.isRunning(self) }

    package func checkIsolated() { precondition(scheduler.isCurrent, "not on the simulation's thread") }
}

/// Jobs without an executor of their own go to the global one, whose threads would break the order.
///
/// The runtime lets a hook take such jobs; this one takes those that come from a simulation, and passes all others on.
private enum GlobalJobs {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let error = pthread_key_create(&key, nil)
        precondition(error == 0, "no key for a value of a thread")
        return key
    }()

    /// The scheduler whose work the calling thread does.
    static var receiver: VirtualScheduler? {
        get {
            pthread_getspecific(key).map { Unmanaged<VirtualScheduler>.fromOpaque($0).takeUnretainedValue() }
        }
        set {
            // Who sets it keeps the scheduler alive until it is set to nil.
            let error = pthread_setspecific(key, newValue.map { Unmanaged.passUnretained($0).toOpaque() })
            precondition(error == 0, "the key was made")
        }
    }

    /// Installs the hook, once in a process.
    static func divert() { _ = isDiverted }

    private static let isDiverted: Bool = {
        _ = key
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else {
            fatalError("the concurrency runtime has no such hook any more")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
            if let scheduler = receiver { scheduler.enqueueFree(job) } else { original(job) }
        }
        return true
    }()
}
