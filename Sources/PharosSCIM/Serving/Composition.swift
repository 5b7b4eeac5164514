import Audit
import Directory
import HTTP
import JSON
import Logging
import Notes
import Reactor
import SCIM
import Server
import Service
import Storage
import StorageLMDB
import Systemd
import TLS
import Tenancy

/// The composition root: the one place that knows all parts, and joins them.
///
/// ```
/// sockets ─► HTTPServer ─► RequestPipeline ─► Authenticator, ResourceDirectory ─┐
/// admin   ─► HTTPServer ─► AdminHandler ────► Administration ───────────────────┼─► LMDBStore
///                               refusals ───► AuditQueue ───────────────────────┘       │ outbox
///                                   gate ◄─── AuditRelay ◄──────────────────────────────┘
///                                                 └─► journald
/// ```
struct Composition: Sendable {
    let settings: ServerSettings
    let store: LMDBStore
    let loops: EventLoopGroup
    /// One of its own for the admin interface, so that an operator's import or export holds no client up.
    let adminLoops: EventLoopGroup
    let relay: AuditRelay
    let queue: AuditQueue
    let directory: ResourceDirectory
    let notes: Notebook
    let administration: Administration
    let scimServer: HTTPServer
    /// For operators, and for a console where the service manager has passed a socket for one.
    let adminServers: [HTTPServer]
    /// The copies of the store that commands are making.
    let backups: Backups
    /// Scheme and authority of the Tenant URLs, without a slash at the end.
    let publicURL: String
    let reload: ServerReload
    /// Where the server takes commands: the service manager may have chosen another place than the data folder.
    let adminSocketPath: String
    let log: Logger

    /// Unix users that may administer beside the server's own: root.
    private static let root: UInt32 = 0
    private static let adminSocketMode: UInt32 = 0o600

    /// Opens the store and joins all parts; nothing is served before the servers are started.
    ///
    /// `onFatal` is told once if the store had to stop.
    init(
        _ settings: ServerSettings,
        inherited: [InheritedSocket],
        watch: ServerWatch,
        log: Logger,
        onFatal: @escaping @Sendable (StoreError) -> Void
    ) throws {
        let news = StoreNews(log)
        let store = try LMDBStore.open(
            in: settings.folder,
            log: settings.commitLog,
            onFatal: onFatal,
            onClock: { news.tell($0) }
        )
        news.tell(store.recovery)
        if let format = store.upgradedFrom {
            log.notice(
                "the store was upgraded; older programs do not read it any more",
                metadata: ["from": "\(format)", "to": "\(StoreInfo.currentFormatVersion)"]
            )
        }
        let loops = try EventLoopGroup(count: settings.loopCount) { store.endTurn() }
        let environment = DirectoryEnvironment.system.with(
            try BackgroundThreads(loopCount: loops.loops.count)
        )

        let gate = AuditGate()
        let pacer = ThreadPacer()
        let queue = AuditQueue(
            store: store,
            gate: gate,
            now: environment.now,
            sleep: { try? await Task.sleep(for: $0) },
            committed: { pacer.signal() }
        )
        news.begin(queue)
        var delivery = AuditRelay.Configuration()
        // What the journal has is read there.
        if settings.trail.output == .journal { delivery.retention = .zero }
        delivery.health = settings.trail.health
        let headsPath = settings.folder.auditHeadsPath
        let storeText = try Incarnation(of: store).current.journalText
        let signer = try AuditKey.signer(settings, log)
        // Whose keys have signed before is known from there; a file that cannot be read tells nothing.
        let older = try? HeadsFile(path: headsPath)
        let relay = try AuditRelay(
            store: store,
            gate: gate,
            digest: .system,
            signer: signer,
            configuration: delivery,
            pacer: pacer,
            now: environment.now,
            olderRows: { before, body throws(StoreError) in
                try store.scanOldLogRows(before: before, body)
            },
            report: { queue.record($0) },
            checkpointed: { heads in
                do throws(HostError) {
                    try HeadsFile(store: storeText, publicKey: signer.publicKey, heads: heads)
                        .following(older)
                        .write(to: headsPath)
                } catch {
                    log.warning("where the audit trail ends could not be noted: \(error)")
                }
            }
        )

        var confirmation: (@Sendable () async -> Bool)?
        if settings.trail.acknowledgement == .journal { confirmation = { await relay.deliversAll() } }
        let ledger = Ledger(store: store, gate: gate, committed: { pacer.signal() })
        let directory = ResourceDirectory(
            ledger: ledger,
            registry: ResourceRegistry(executors: loops.loops),
            environment: environment
        )
        let notes = Notebook(store: store, environment: environment)
        let administration = Administration(ledger: ledger, environment: environment)

        let listener = try PublicListener(settings.public, socketName: "https", inherited: inherited)
        let publicURL = settings.public.url ?? listener.defaultURL
        let features = ServiceProviderFeatures.ofThisServer(bodyBytesMax: settings.public.bodyBytesMax)
        let limiter = RateLimiter(settings.rates) { LoopInstant.now.nanoseconds }
        let pipeline = RequestPipeline(
            directory: directory,
            notes: notes,
            authenticator: Authenticator(store: store, environment: environment),
            limiter: limiter,
            features: features,
            auditQueue: queue,
            confirmation: confirmation,
            publicURL: publicURL,
            log: log
        )
        let reload = ServerReload(settings, tls: listener.tls, limiter: limiter, queue: queue, log: log)
        let check = try BackgroundCheck(of: store, log: log)
        let copying = try BackgroundThreads(loopCount: 1)
        let adminHandler = AdminHandler(
            administration: administration,
            directory: directory,
            notes: notes,
            features: features,
            publicURL: publicURL,
            allowedUsers: [Self.root, Host.userID],
            userName: { Host.userName($0) ?? "\($0)" },
            control: ServerControl(
                check: { await check.run() },
                checkProgress: { check.rowCount },
                reload: { reload.perform() },
                storeFigures: { store.figures },
                pages: watch.pages,
                status: { watch.status },
                confirmation: confirmation,
                replay: { await relay.replay(by: $0) },
                beginBackup: { () throws(StoreError) in try StoreReading(store, copying) }
            ),
            pipeline: pipeline,
            journal: settings.trail.output == .journal
                ? JournalTrail(storeID: relay.journalStoreID, namespace: settings.trail.namespace) : nil,
            log: log
        )

        backups = adminHandler.backups
        self.settings = settings
        self.store = store
        self.loops = loops
        adminLoops = try EventLoopGroup(count: 1, name: "admin")
        self.relay = relay
        self.queue = queue
        self.directory = directory
        self.notes = notes
        self.administration = administration
        self.publicURL = publicURL
        self.reload = reload
        adminSocketPath =
            inherited.first { $0.name == "admin" }.flatMap { UnixConnection.path(ofSocket: $0.descriptor) }
            ?? settings.folder.adminSocketPath
        self.log = log
        scimServer = HTTPServer(
            configuration: listener.configuration,
            handler: pipeline,
            loops: loops,
            tls: listener.tls,
            log: log
        )
        var operators = Self.endpoints("admin", of: inherited)
        if operators.isEmpty {
            operators = [.local(path: settings.folder.adminSocketPath, mode: Self.adminSocketMode)]
        }
        let consoles = Self.endpoints("console", of: inherited)
        var entrances = [(operators, adminHandler)]
        if !consoles.isEmpty { entrances.append((consoles, adminHandler.forConsole)) }
        adminServers = entrances.map { [adminLoops] endpoints, handler in
            HTTPServer(
                configuration: ServerConfiguration(endpoints: endpoints),
                handler: handler,
                loops: adminLoops,
                log: log
            )
        }
    }

    /// The sockets that the service manager has passed under a name.
    private static func endpoints(
        _ name: String,
        of inherited: [InheritedSocket]
    ) -> [ServerConfiguration.Endpoint] {
        inherited.filter { $0.name == name }.map {
            .inherited(descriptor: $0.descriptor, name: name, security: .plain)
        }
    }

    /// What `serve --json` prints once requests are answered.
    var readyLine: String {
        JSONObject(uniqueMembers: [
            .init(name: "publicURL", value: .string(publicURL)),
            .init(name: "adminSocket", value: .string(adminSocketPath)),
        ]).line
    }

    /// The thread that delivers the audit records, which begins now.
    func startRelay() -> RelayThread {
        let storeID = relay.journalStoreID
        let namespace = settings.trail.namespace
        return switch settings.trail.output {
        case .journal:
            RelayThread(running: relay) { JournalSink(storeID: storeID, namespace: namespace) }
        case .stdout where settings.trail.printsSentences:
            RelayThread(running: relay) {
                StandardOutputSink { Array("\(TrailSentence($0.fields).line)\n".utf8) }
            }
        case .stdout: RelayThread(running: relay) { StandardOutputSink() }
        case .stderr: RelayThread(running: relay) { StandardOutputSink(descriptor: 2) }
        }
    }
}

extension ServiceProviderFeatures {
    /// What this program offers, tells of and documents.
    ///
    /// `bodyBytesMax`: the largest body that is read.
    static func ofThisServer(bodyBytesMax: Int = Limits().bodyBytesMax) -> ServiceProviderFeatures {
        ServiceProviderFeatures(bulk: Bulk(payloadBytesMax: bodyBytesMax))
    }
}
