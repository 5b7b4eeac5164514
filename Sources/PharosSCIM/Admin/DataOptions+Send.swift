import Directory
import HTTP
import JSON
import StorageLMDB

extension DataOptions {
    /// Carries a command out: by the running server if there is one, else by this process on the store itself.
    ///
    /// Both ways run the same code. Audit records of a command without a server wait in the store's outbox and are
    /// delivered when the next server starts.
    func send(
        _ method: Method,
        _ path: String,
        _ body: JSONObject? = nil,
        mayCreateStore: Bool = false
    ) async throws -> JSONObject {
        let content = body.map { Array($0.line.utf8) } ?? []
        if let reply = try AdminClient(socketPaths: folder.adminSocketPaths).send(method, path, content) {
            return try reply.result()
        }
        return try await withStore(mayCreate: mayCreateStore) { store in
            try await LocalAdministration(store: store, publicURL: folder.readPublicURL()).send(
                method,
                path,
                content
            )
            .result()
        }
    }

    /// Has the store checked, as ``send(_:_:_:mayCreateStore:)`` does.
    ///
    /// `progress` is told how many rows have been compared so far, as far as that is known.
    func check(progress: @escaping (Int) -> Void) async throws -> JSONObject {
        progress(0)
        let client = AdminClient(socketPaths: folder.adminSocketPaths)
        if let reply = try client.send(.post, "/check", [], timeoutSeconds: AdminClient.checkTimeoutSeconds) {
            return try reply.result()
        }
        return try await withStore(mayCreate: false) { store in
            let findings = try StoreCheck.findings(in: store, progress: progress)
            return JSONObject(uniqueMembers: [
                .init(name: "findings", value: .array(findings.map(JSONValue.string)))
            ])
        }
    }

    private func withStore<R>(mayCreate: Bool, _ body: (LMDBStore) async throws -> R) async throws -> R {
        guard mayCreate || folder.holdsStore else {
            throw CommandFailure(
                "No server answers on \(folder.adminSocketPath), and \(data) holds no store."
            )
        }
        let store = try LMDBStore.open(in: folder)
        defer { store.close() }
        return try await body(store)
    }
}
