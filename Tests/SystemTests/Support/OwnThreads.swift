import Foundation
import Testing

/// Runs the tests of a suite on threads of their own.
///
/// They wait, blocking, for processes. On the threads that all tests share, which are as many as there are CPUs, they
/// would hold up those tests that keep deadlines.
struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    @concurrent func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(BlockingExecutor.shared) { try await function() }
    }
}

extension Trait where Self == OwnThreads {
    static var ownThreads: Self { OwnThreads() }
}

/// Has as many threads as tests should run beside each other.
private final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()
    private static let threadsMax = 2

    private let queue = OperationQueue()

    private init() { queue.maxConcurrentOperationCount = Self.threadsMax }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.addOperation { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
