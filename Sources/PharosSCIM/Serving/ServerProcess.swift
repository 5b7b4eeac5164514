import Audit
import Directory
import Locking
import Logging
import Notes
import Reactor
import Server
import Service
import Storage
import StorageLMDB
import Systemd
import TLS
import Tenancy

/// A serving process from its start to its end.
///
/// ```
/// compose ─► bind ─► service.start ─► accept ─► READY ─► deliver audit records, until a signal comes …
///   … SIGTERM ─► STOPPING ─► drain ─► service.stop ─► deliver what is left ─► close the store
/// ```
final class ServerProcess: Sendable {
    let settings: ServerSettings
    let log: Logger
    private let notifier = Notifier()
    private let watching: ServerWatch
    /// What `systemctl status` shows.
    private let shown = Locked("")

    /// The signals that a serving process waits for; they must be blocked before the first thread starts.
    static let signals: [Int32] = [hangUp, interrupt, terminate]
    static let hangUp: Int32 = 1
    private static let interrupt: Int32 = 2
    private static let terminate: Int32 = 15

    private static let drainLimit = Duration.seconds(10)
    private static let deliveryLimit = Duration.seconds(7)

    /// What makes the process act.
    private enum Event: Sendable {
        case signal(Int32)
        case storeFailed(StoreError)
    }

    init(_ settings: ServerSettings) {
        self.settings = settings
        LogThreshold.current = settings.logLevel
        log = Logger(label: "pharos-scim")
        watching = ServerWatch(MetricsBackends.bootstrap())
    }

    /// Serves until a signal ends it; `ready` is called once requests are answered.
    func run(ready: @Sendable (Composition) async throws -> Void) async throws {
        Host.returnFreedMemory()
        // First of all: how many connections are let in follows from it.
        let descriptors = DescriptorLimit.raise()
        let inherited = settings.takesInheritedSockets ? SocketActivation.takeSockets() : []
        // Before the store is opened, which may take its time: so long it answers that the server starts.
        let monitoring = try MonitoringListener(
            settings.monitoringAddress,
            inherited: inherited,
            pages: watching.pages,
            log: log
        )
        let (events, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let parts = try Composition(
            settings,
            inherited: inherited,
            watch: watching,
            log: log,
            onFatal: { continuation.yield(.storeFailed($0)) }
        )
        watching.begin(parts)
        try await parts.rebuildRows(notifier)
        try SignalListener(Self.signals, on: parts.loops.next()) { continuation.yield(.signal($0)) }
        // A process that cannot have its addresses leaves no trace of a start.
        for server in parts.adminServers { try server.listen() }
        try parts.scimServer.listen()
        let record = ServiceRecords(parts)
        try await record.started()
        try settings.folder.notePublicURL(parts.publicURL)

        let queueTask = Task { await parts.queue.run() }
        for server in parts.adminServers { try server.start() }
        try parts.scimServer.start()
        watching.board.enter(.serving)
        shown.withLock { $0 = Self.status(parts) }
        notifier.ready(status: shown.withLock { $0 })
        let helpers = startHelpers(parts)
        log.notice(
            "serving",
            metadata: [
                "url": "\(parts.publicURL)", "admin": "\(parts.adminSocketPath)",
                "descriptors": "\(descriptors)",
                "connections": "\(parts.scimServer.connectionsMax)",
            ]
        )
        try await ready(parts)
        // From here on, so that audit entries on standard output follow what a script waits for.
        let relayThread = parts.startRelay()

        let failure = await handle(events, parts)
        watching.board.enter(.stopping)
        notifier.stopping(status: "Stopping")
        log.notice("stopping")
        for helper in helpers { helper.cancel() }
        parts.notes.activity.endWaits()
        await parts.scimServer.drain(within: Self.drainLimit)
        for server in parts.adminServers { await server.drain(within: Self.drainLimit) }
        parts.store.shortenWaits()
        if failure == nil { await parts.backups.abandonAll() }
        parts.queue.finish()
        await queueTask.value
        if failure == nil {
            await storeIgnoredNotes(parts)
            await storeActivity(parts)
            // What waits now, and not a second ago, is what its record tells.
            do { try parts.relay.observe() } catch { log.error("the outbox cannot be read: \(error)") }
            await record.stopped()
        }
        parts.relay.stop()
        _ = relayThread.waitUntilEnded(within: Self.deliveryLimit)
        tellUndelivered(parts)
        watching.end()
        await monitoring?.end()
        parts.store.close()
        if let failure { throw CommandFailure(.failed, "The store had to stop: \(failure).") }
    }

    private func tellUndelivered(_ parts: Composition) {
        do throws(StoreError) { try parts.relay.observe() } catch {
            return log.error("the outbox cannot be read: \(error)")
        }
        let count = parts.relay.status.undelivered
        guard count > 0 else { return }
        log.warning("audit records are left for the next start", metadata: ["records": "\(count)"])
    }

    /// What `systemctl status` shows while requests are answered.
    private static func status(_ parts: Composition) -> String { "Serving \(parts.publicURL)" }

    /// Acts on what happens; returns when the process is to end, with the error that ends it.
    private func handle(
        _ events: AsyncStream<Event>,
        _ parts: Composition
    ) async -> StoreError? {
        for await event in events {
            switch event {
            case .signal(Self.hangUp): reload(parts)
            case .signal: return nil
            case .storeFailed(let error):
                log.critical("the store had to stop", metadata: ["error": "\(error)"])
                return error
            }
        }
        return nil
    }

    private func reload(_ parts: Composition) {
        notifier.reloading()
        // The log tells how it went.
        _ = parts.reload.perform()
        notifier.ready(status: shown.withLock { $0 })
    }

    /// What goes on beside the requests: the outbox is watched, deleted tenants are purged, notes stored, systemd told.
    private func startHelpers(_ parts: Composition) -> [Task<Void, Never>] {
        let (log, notifier) = (log, notifier)
        var helpers = [
            Task { await watch(parts) },
            Task {
                do {
                    try await parts.administration.purgeDeletedTenants { _ in }
                } catch {
                    log.error("purging deleted tenants stopped; it goes on at the next start: \(error)")
                }
            },
        ]
        helpers.append(
            Task {
                await storeNotes(parts)
            }
        )
        helpers.append(Task { await settle(parts) })
        if !MetricsBackends.others.isEmpty {
            helpers.append(
                Task {
                    while (try? await Task.sleep(for: MetricsBackends.interval)) != nil {
                        self.watching.update()
                    }
                }
            )
        }
        if let interval = notifier.watchdogInterval {
            helpers.append(
                Task {
                    while !Task.isCancelled {
                        // A loop or a commit that hangs keeps the beat back, and systemd restarts the process. The journal does not.
                        for loop in parts.loops.loops + parts.adminLoops.loops { await loop.turn() }
                        if watching.board.health.doesCommit { notifier.beat() }
                        try? await Task.sleep(for: interval)
                    }
                }
            )
        }
        return helpers
    }

    /// Tells of audit records that do not reach the journal, and of a certificate that ends, in the log and in `systemctl status`.
    private func watch(_ parts: Composition) async {
        let start = ContinuousClock.now
        var trail = TrailWatch()
        var certificate = CertificateWatch()
        var troubles = (state: AuditState.ok, trail: "", certificate: "")
        while !Task.isCancelled {
            let before = troubles
            do { try parts.relay.observe() } catch { log.error("the outbox cannot be read: \(error)") }
            troubles.state = parts.relay.status.state
            watching.board.note(
                troubles.state,
                waitsForRoom: parts.store.status.failure != nil
            )
            switch trail.notice(parts.relay.status, at: ContinuousClock.now - start) {
            case .trouble(let text):
                log.warning("\(text)")
                troubles.trail = text
            case .over:
                log.notice("the journal confirms audit records again")
                troubles.trail = ""
            case nil: break
            }
            let now = Host.microsecondsSince1970() / 1_000_000
            switch parts.reload.certificate.flatMap({ certificate.notice($0, at: now) }) {
            case .endsSoon(let text):
                log.warning("\(text)")
                troubles.certificate = text
            case .hasEnded(let text):
                log.error("\(text)")
                troubles.certificate = text
            case .over: troubles.certificate = ""
            case nil: break
            }
            if troubles != before {
                let state = troubles.state == .ok ? "" : "audit trail \(troubles.state.rawValue)"
                let all = [Self.status(parts), troubles.certificate, state, troubles.trail]
                    .filter { !$0.isEmpty }
                shown.withLock { $0 = all.joined(separator: "; ") }
                notifier.status(shown.withLock { $0 })
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Does what changes of memberships and indexes have left to be done, with pauses as long as the work, so that changes get half of
    /// the commits.
    private func settle(_ parts: Composition) async {
        let idle = Duration.seconds(1)
        while !Task.isCancelled {
            let start = ContinuousClock.now
            var pause = idle
            do throws(DirectoryError) {
                let isIndexing = try await settleIndexes(parts)
                if try await parts.directory.settleMemberships() || isIndexing {
                    pause = min(ContinuousClock.now - start, idle)
                }
            } catch {
                log.warning("memberships of what was deleted stay for now", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Works on an index that an operator has marked or removed; false if there is none.
    private func settleIndexes(_ parts: Composition) async throws(DirectoryError) -> Bool {
        switch try await parts.directory.settleIndexes() {
        case .nothing: return false
        case .more: return true
        case .finished(let tenant, let number, let state):
            do throws(AdministrationError) {
                try await parts.administration.finishIndex(number, state, tenant: tenant)
            } catch {
                // Somebody has changed the tenant's schemas meanwhile, or the disk is full: it is tried again.
                log.debug("an index is not noted as done: \(error)")
            }
            return true
        }
    }
}

extension EventLoop {
    /// Returns after the loop has come round once.
    fileprivate func turn() async {
        await withCheckedContinuation { continuation in
            execute { continuation.resume() }
        }
    }
}
