import HTTP
import JSON

/// One request on its way through the console, and what is known of it.
struct Exchange: Sendable {
    let request: Request
    let console: ConsoleHandler
    /// What the pattern's names matched: `tenant`, `id`.
    let parameters: [String: String]
    /// Nil on pages that need no sign-in.
    let session: Session?
    /// What the session's cookie holds.
    let cookie: String?
    let form: FormInput
    /// What the server said of the tenant when the request came; nil where the path names none, or nobody has signed in.
    var summary: JSONObject?

    var tenant: String { parameters["tenant"] ?? "" }
    /// When the tenant was made, which tells it from another one that had its name.
    var tenantCreated: String { summary?.text("created") ?? "" }

    func query(_ name: String) -> String {
        request.target.queryItems.first { $0.name == name }?.value ?? ""
    }

    /// Asks the server.
    func get(_ path: String) async throws(ConsoleFault) -> JSONObject {
        try await console.backend.send(.get, path, nil, for: session?.person)
    }

    /// Asks the server for what may not be there; nil if it is not.
    func find(_ path: String) async throws(ConsoleFault) -> JSONObject? {
        do throws(ConsoleFault) { return try await get(path) } catch .notFound { return nil }
    }

    /// What the server says of the tenant, as `tenant show` does; read once for a request.
    func tenantSummary() async throws(ConsoleFault) -> JSONObject {
        if let summary { return summary }
        return try await get("/tenants/\(tenant)")
    }

    /// Has the server change something, on behalf of the session's person.
    func post(_ path: String, _ members: [(String, JSONValue)] = []) async throws(ConsoleFault) -> JSONObject
    {
        let body = JSONObject(uniqueMembers: members.map { .init(name: $0.0, value: $0.1) })
        return try await console.backend.send(.post, path, body, for: session?.person)
    }

    func delete(_ path: String) async throws(ConsoleFault) -> JSONObject {
        try await console.backend.send(.delete, path, nil, for: session?.person)
    }

    /// A document as a file of a name, which needs no quoting.
    func download(_ document: JSONValue, as name: String) -> Response {
        var body: [UInt8] = []
        document.write(to: &body)
        body.append(UInt8(ascii: "\n"))
        var response = Response(.ok, contentType: "application/json", body: body)
        PageHeaders.add(to: &response)
        response.fields.append((FieldName("Content-Disposition"), "attachment; filename=\"\(name)\""))
        return response
    }

    /// Carries out the form once: not again by a double click, a reload or a second tab.
    ///
    /// What fails may be sent again.
    /// - Returns: nil if it was carried out before, or is being carried out.
    func once<R: Sendable>(
        _ work: () async throws(ConsoleFault) -> R
    ) async throws(ConsoleFault) -> R? {
        let number = form["number"]
        guard let cookie, !number.isEmpty, number.utf8.count <= 64 else { throw .expiredForm }
        guard console.sessions.use(form: number, of: cookie) else { return nil }
        do throws(ConsoleFault) { return try await work() } catch {
            console.sessions.release(form: number, of: cookie)
            throw error
        }
    }
}
