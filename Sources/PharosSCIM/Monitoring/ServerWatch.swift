import CoreMetrics
import JSON
import Locking
import Logging
import Monitoring
import Reactor
import Service
import StorageLMDB
import Synchronization
import Tenancy

/// What a serving process tells of itself, from its first moment to its last: its health, its figures, its status.
///
/// ```
/// parts ─ figures ─► Instruments ─► swift-metrics ─► PrometheusMetrics ─► /metrics
/// watch ─ notes ───► HealthBoard ──────────────────────────────────────► /healthz, /readyz
/// ```
final class ServerWatch: Sendable {
    let board: HealthBoard
    private let instruments: Instruments
    private let started = Host.microsecondsSince1970()
    /// What there is to be asked; nil before the store is open, and once it is about to close.
    private let parts = Locked<Composition?>(nil)
    private let threads: Threads

    /// Loops and the store's thread, which are known once there are some, and asked without a lock.
    private final class Threads: Sendable {
        private final class Box: Sendable {
            let loops: [EventLoop]
            let store: LMDBStore
            init(_ loops: [EventLoop], _ store: LMDBStore) { (self.loops, self.store) = (loops, store) }
        }
        private let box = AtomicLazyReference<Box>()

        func set(_ loops: [EventLoop], _ store: LMDBStore) { _ = box.storeIfNil(Box(loops, store)) }

        /// For how long the commit thread has been in one step.
        var commitHeldFor: Duration { box.load()?.store.commitHeldFor ?? .zero }

        /// For how long the longest turn goes on.
        var heldFor: Duration {
            let now = LoopInstant.now
            return box.load()?.loops.map { $0.turns.current(at: now) }.max() ?? .zero
        }
    }

    init(_ factory: any MetricsFactory) {
        let threads = Threads()
        self.threads = threads
        board = HealthBoard(
            now: { LoopInstant.now.nanoseconds },
            heldFor: { threads.heldFor },
            commitHeldFor: { threads.commitHeldFor }
        )
        instruments = Instruments(factory)
    }

    /// What a monitoring system may ask.
    var pages: MonitoringPages {
        MonitoringPages(board) {
            self.update()
            return MetricsBackends.page.page()
        }
    }

    /// From now on there are parts to be asked; requests are answered once the board says so.
    func begin(_ parts: Composition) {
        // An operator's import may hold the admin loop for as long as it takes.
        threads.set(parts.loops.loops, parts.store)
        self.parts.withLock { $0 = parts }
    }

    /// No part is asked from now on; waits for who asks.
    func end() { parts.withLock { $0 = nil } }

    /// Brings the figures to the backends.
    func update() {
        // Held all the while, so that the store does not close meanwhile; nobody but who asks for figures waits for it.
        let figures = parts.withLock { parts -> [Figure] in
            guard let parts else { return [] }
            do {
                return try ServerFigures(parts).all
            } catch {
                parts.log.error("figures cannot be read", metadata: ["error": "\(error)"])
                return []
            }
        }
        instruments.update(own + figures)
    }

    private var own: [Figure] {
        [
            Figure(ServerMetrics.build, [programVersion], 1),
            Figure(ServerMetrics.startTime, [], .gauge(Double(started / 1_000) / 1_000)),
            Figure(ServerMetrics.ready, [], board.health.isReady ? 1 : 0),
            Figure(ServerMetrics.logDropped, [], LogLines.droppedCount),
        ]
            + zip(Logger.Level.allCases, LogLines.counts).map {
                Figure(ServerMetrics.logMessages, [$0.rawValue], $1)
            }
    }

    /// How it fares, for people and their tools.
    var status: JSONObject {
        let health = board.health
        let head: [JSONObject.Member] = [
            .init(name: "version", value: .string(programVersion)),
            .init(name: "started", value: .string(Timestamp(microseconds: started).text)),
            .init(name: "health", value: .object(health.json)),
        ]
        let rest = parts.withLock { parts -> [JSONObject.Member] in
            guard let parts else { return [] }
            do {
                return try ServerStatus(parts).members
            } catch {
                parts.log.error("the status cannot be read", metadata: ["error": "\(error)"])
                return []
            }
        }
        return JSONObject(uniqueMembers: head + rest)
    }
}
