import Reactor

/// Carries phases out on event loops of its own.
package final class LoadEngine: Sendable {
    private let group: EventLoopGroup

    /// How a phase is shown while it goes on: seconds since its start, and what has come of it.
    package typealias Watcher = @Sendable (_ seconds: Double, _ glimpse: LoadGlimpse) -> Void

    /// Starts the loops; each keeps one processor busy.
    package init(loops: Int) throws(SystemError) { group = try EventLoopGroup(count: loops, name: "load") }

    /// Ends the loops; no phase may be under way.
    package func shutDown() { group.shutDown() }

    /// Carries a phase out.
    ///
    /// - Parameters:
    ///   - phase: what to do.
    ///   - watcher: told each second how it stands; nil if nobody watches.
    /// - Returns: the figures of all loops.
    /// - Throws: ``SystemError`` if a loop cannot watch a connection.
    package func run(_ phase: LoadPhase, watcher: Watcher? = nil) async throws -> PhaseFigures {
        let count = min(group.loops.count, phase.connections)
        let workers = (0..<count).map {
            LoadWorker(phase, on: group.loops[$0], worker: $0, of: count)
        }
        let watching = watcher.map { watcher in Task { try await Self.watch(workers, watcher) } }
        defer { watching?.cancel() }
        return try await withThrowingTaskGroup(of: PhaseFigures.self) { group in
            for worker in workers { group.addTask { try await worker.run() } }
            var all = PhaseFigures()
            for try await figures in group { all.merge(figures) }
            return all
        }
    }

    private static func watch(_ workers: [LoadWorker], _ watcher: Watcher) async throws {
        let start = LoopInstant.now
        while true {
            try await Task.sleep(for: .seconds(1))
            var all = LoadGlimpse(answered: 0, faults: 0, median: 0, high: 0)
            for worker in workers {
                let glimpse = await worker.glimpse()
                all.answered += glimpse.answered
                all.faults += glimpse.faults
                all.median = max(all.median, glimpse.median)
                all.high = max(all.high, glimpse.high)
            }
            watcher(Double(LoopInstant.now.nanoseconds - start.nanoseconds) / 1e9, all)
        }
    }
}
