import TestSupport

/// Where a connection's requests are handled, as a loop does it.
actor Worker {
    private let loop: VirtualLoop
    private var running = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: VirtualLoop) { self.loop = loop }

    func start<R: Sendable>(
        _ operation: @escaping @Sendable () async -> R,
        then done: @escaping @Sendable (R) -> Void
    ) {
        running += 1
        Task {
            let result = await operation()
            running -= 1
            done(result)
        }
    }
}
