import Audit
import Directory
import DirectoryCheck
import HTTP
import JSON
import Locking
import Reactor
import Service
import Storage
import StorageLMDB

/// Who carries commands out: the running server, or this process on the store itself.
///
/// Both ways run the same code. Audit records of a command without a server wait in the store's outbox and are
/// delivered when the next server starts.
enum AdminChannel {
    case server(AdminClient)
    case store(LocalAdministration)

    func send(
        _ method: Method,
        _ path: String,
        _ body: JSONObject? = nil
    ) async throws -> JSONObject {
        try await reply(method, path, body).result()
    }

    func reply(
        _ method: Method,
        _ path: String,
        _ body: JSONObject? = nil
    ) async throws -> AdminReply {
        try await reply(method, path, content: body.map { Array($0.line.utf8) } ?? [])
    }

    /// Sends a body that is JSON already.
    func send(_ method: Method, _ path: String, content: [UInt8]) async throws -> JSONObject {
        try await reply(method, path, content: content).result()
    }

    private func reply(_ method: Method, _ path: String, content: [UInt8]) async throws -> AdminReply {
        switch self {
        case .server(let client):
            guard let reply = try client.send(method, path, content) else {
                throw CommandFailure(.unreachable, "The server has gone.")
            }
            return reply
        case .store(let local):
            return try await local.send(method, path, content)
        }
    }
}

extension DataOptions {
    /// Carries one command out.
    func send(
        _ method: Method,
        _ path: String,
        _ body: JSONObject? = nil,
        mayCreateStore: Bool = false
    ) async throws -> JSONObject {
        try await withChannel(mayCreateStore: mayCreateStore) { channel in
            try await channel.send(method, path, body)
        }
    }

    /// Lends a channel for several commands; without a server, the store stays open for all of them.
    func withChannel<R>(
        mayCreateStore: Bool = false,
        _ body: (AdminChannel) async throws -> R
    ) async throws -> R {
        let client = AdminClient(socketPaths: folder.adminSocketPaths)
        guard try !client.isAnswered() else { return try await body(.server(client)) }
        return try await withStore(mayCreate: mayCreateStore) { store in
            let local = try LocalAdministration(store: store, publicURL: folder.readPublicURL())
            defer { local.shutDown() }
            return try await body(.store(local))
        }
    }

    /// Has the store checked, as ``send(_:_:_:mayCreateStore:)`` does.
    ///
    /// `progress` is told how many rows have been compared so far, as far as that is known.
    func check(progress: @escaping (Int) -> Void) async throws -> JSONObject {
        progress(0)
        let client = AdminClient(socketPaths: folder.adminSocketPaths)
        if let reply = try await checkOfServer(client, progress) { return try reply.result() }
        return try await withStore(mayCreate: false) { store in
            let findings = try StoreCheck.findings(in: store, progress: progress)
            return JSONObject(uniqueMembers: [
                .init(name: "findings", value: .array(findings.map(JSONValue.string)))
            ])
        }
    }

    /// Has a running server check its store, and asks it now and then how far it is; nil if no server runs.
    private func checkOfServer(
        _ client: AdminClient,
        _ progress: (Int) -> Void
    ) async throws -> AdminReply? {
        let isDone = Locked(false)
        async let reply = Task.detached {
            defer { isDone.withLock { $0 = true } }
            return try client.send(.post, "/check", [], timeoutSeconds: AdminClient.checkTimeoutSeconds)
        }.value
        var pause = Duration.milliseconds(10)
        while !isDone.withLock({ $0 }) {
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(500))
            guard Terminal.isWatched, let answer = try client.send(.get, "/check", []) else { continue }
            progress(try answer.result().integer("rows"))
        }
        return try await reply
    }

    /// What the store tells of its log, overlay and checkpoints; without a server, as a start finds it.
    func storeFigures() async throws -> JSONObject {
        let client = AdminClient(socketPaths: folder.adminSocketPaths)
        if let reply = try client.send(.get, "/store", []) { return try reply.result() }
        return try await withStore(mayCreate: false) { store in ServerControl.StoreFigure.json(store.figures)
        }
    }

    /// Has the store repaired, which no server may have open, and then checked.
    func repair(progress: @escaping (Int) -> Void) async throws -> JSONObject {
        let client = AdminClient(socketPaths: folder.adminSocketPaths)
        guard try !client.isAnswered() else {
            throw CommandFailure(
                .refused,
                "A server has the store open. Stop it before you repair the store."
            )
        }
        return try await withStore(mayCreate: false) { store in
            let repaired = try await StoreCheck.repair(store, progress: progress)
            let findings = try StoreCheck.findings(in: store, progress: progress)
            return JSONObject(uniqueMembers: [
                .init(name: "repaired", value: .array(repaired.map(JSONValue.string))),
                .init(name: "findings", value: .array(findings.map(JSONValue.string))),
            ])
        }
    }

    /// Begins a new incarnation of the audit trail in a store that no server may have open; gives the ids before and after.
    func beginTrail() async throws -> (old: String, new: String) {
        let client = AdminClient(socketPaths: folder.adminSocketPaths)
        guard try !client.isAnswered() else {
            throw CommandFailure(
                .refused,
                "A server has the store open, and goes on with its trail. Stop it first."
            )
        }
        return try await withStore(mayCreate: false) { store in try await store.beginTrail() }
    }

    private func withStore<R>(mayCreate: Bool, _ body: (LMDBStore) async throws -> R) async throws -> R {
        guard mayCreate || folder.holdsStore else {
            throw CommandFailure(
                .unreachable,
                "No server answers on \(folder.adminSocketPath), and \(folder.path) holds no store."
            )
        }
        let store = try LMDBStore.open(in: folder)
        defer { store.close() }
        if store.upgradedFrom != nil {
            Terminal.note("The store was upgraded: older versions of this program do not read it any more.")
        }
        let rows = DerivedRows(store: store, environment: .system)
        if try !rows.areCurrent() { try await rows.rebuild { _ in } }
        return try await body(store)
    }
}

extension LMDBStore {
    /// Begins a new incarnation of the audit trail, as whoever puts a copy of a store back has to; gives the ids before and after.
    func beginTrail() async throws -> (old: String, new: String) {
        let old = try Incarnation(of: self).current
        let new = UniqueID.timeOrdered(
            milliseconds: Host.microsecondsSince1970() / 1_000,
            randomness: RandomWords.shared.nextPair()
        )
        let actor = AuditActor.admin(AuditSlug(Host.userName(Host.userID) ?? "\(Host.userID)"))
        let changeset = try Incarnation.restore(to: new, store: self, digest: .system, by: actor)
        _ = try await commit(changeset)
        return (old.journalText, new.journalText)
    }
}
