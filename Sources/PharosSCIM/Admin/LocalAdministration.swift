import Audit
import Directory
import HTTP
import Locking
import Logging
import Notes
import Reactor
import SCIM
import Service
import Storage
import StorageLMDB
import Tenancy

/// Carries out administrative commands in this process, with the code that answers on the admin socket.
struct LocalAdministration {
    private let handler: AdminHandler
    private let loops: EventLoopGroup

    /// Where Tenant URLs begin as long as no server has noted how it is reached.
    private static let unknownURL = "https://HOST"

    /// Takes scheme and authority of the Tenant URLs; nil if they are not known.
    init(store: LMDBStore, publicURL: String?) throws {
        // A purge that the end of the process interrupts goes on at the next start: nothing to tell.
        var log = Logger(label: "pharos-scim")
        log.logLevel = .critical
        let ledger = Ledger(store: store, gate: AuditGate(), committed: {})
        let administration = Administration(ledger: ledger, environment: .system)
        loops = try EventLoopGroup(count: 1)
        let directory = ResourceDirectory(
            ledger: ledger,
            registry: ResourceRegistry(executors: loops.loops),
            environment: .system
        )
        handler = AdminHandler(
            administration: administration,
            directory: directory,
            notes: Notebook(store: store, environment: .system),
            features: .ofThisServer(),
            publicURL: publicURL ?? Self.unknownURL,
            allowedUsers: [Host.userID],
            userName: { Host.userName($0) ?? "\($0)" },
            control: ServerControl(
                check: { [] },
                reload: { .done(ServerControl.Reloaded()) },
                beginBackup: { () throws(StoreError) in try StoreReading(store, ImmediateWork()) }
            ),
            log: log
        )
    }

    /// Ends what carries changes out; no command may be sent afterwards.
    func shutDown() { loops.shutDown() }

    /// Answers a command as a server would.
    func send(_ method: Method, _ path: String, _ body: [UInt8]) async throws -> AdminReply {
        let peer = Peer(address: nil, userID: Host.userID, isSecure: false)
        let request = Request(method: method, target: try Target(path), body: body, peer: peer)
        let answer =
            switch handler.handle(request) {
            case .ready(let response): response
            case .pending(let operation): await operation()
            }
        let response = await answer.whole() ?? Response(.serviceUnavailable)
        return AdminReply(status: response.status.code, body: response.body)
    }
}
