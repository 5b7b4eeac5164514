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
        // As in the server, whose tasks keep to the loop of their connection.
        Task(executorPreference: loop) { await self.carryOut(operation, then: done) }
    }

    private func carryOut<R: Sendable>(
        _ operation: @Sendable () async -> R,
        then done: @Sendable (R) -> Void
    ) async {
        let result = await operation()
        running -= 1
        done(result)
    }
}
