import Foundation
import HTTP
import JSON
import Locking
import Logging
import Service
import Synchronization
import Testing

@testable import Console

/// Answers the console's commands as a server does, as far as pages need it, and notes them.
final class TestBackend: ConsoleBackend {
    struct Command: Sendable, Equatable {
        let method: HTTP.Method
        let path: String
        let body: JSONObject?
        let person: String?
    }

    private let answers = Locked<[String: String]>([:])
    private let sent = Locked<[Command]>([])
    private let silences = Locked(0)

    var commands: [Command] { sent.withLock { $0 } }

    /// Commands that change something.
    var changes: [Command] { commands.filter { $0.method != .get && !$0.path.hasPrefix("/console-") } }

    /// What the server was told of sign-ins and sign-outs, and of whom.
    var signIns: [String] {
        commands.filter { $0.path == SignInNote.path }.map { command in
            let members = ["outcome", "tenant", "role", "address"].compactMap { command.body?.text($0) }
            return ([command.person ?? "nobody"] + members).filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    /// What a command is answered: `GET /tenants`.
    func answer(_ command: String, _ json: String) { answers.withLock { $0[command] = json } }

    /// How often the server does not answer a command, from now on.
    func beSilent(times: Int) { silences.withLock { $0 = times } }

    func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: JSONObject?,
        for person: Person?
    ) async throws(ConsoleFault) -> JSONObject {
        #expect(
            (try? Target(path)).map { ConsoleCommands.allow(method, $0) } == true,
            "The server takes \(method.text) \(path) from no console."
        )
        let isSilent = silences.withLock { silences in
            silences -= 1
            return silences >= 0
        }
        guard !isSilent else { throw .unreachable }
        sent.withLock { $0.append(Command(method: method, path: path, body: body, person: person?.id)) }
        guard let text = answers.withLock({ $0["\(method.text) \(path)"] }) else {
            // That a resource is not there is told by SCIM, without a word of the admin interface.
            if path.contains("/scim/v2/"), !path.contains("count=") { throw .notFound }
            throw .refused(word: "notThere", sentence: "There is no such tenant.")
        }
        guard case .object(let object)? = try? JSONValue(parsing: Array(text.utf8)) else {
            throw .unreachable
        }
        return object
    }
}

/// A console with a backend and a clock of the test's.
final class TestConsole: Sendable {
    let backend = TestBackend()
    let handler: ConsoleHandler
    private let clock = Counter(1_795_000_000_000_000)

    init(
        signIn: SignInSettings = .none,
        client: any HTTPClient = NoClient(),
        outgoing: any BackgroundWork = ImmediateWork()
    ) throws {
        let clock = clock
        let counter = Counter(0)
        handler = try ConsoleHandler(
            backend: backend,
            tables: TestTables(),
            signIn: signIn,
            client: client,
            environment: ConsoleEnvironment(
                now: { Int64(clock.value) },
                secret: {
                    String(10_000_000_000_000_000_000 + counter.add(1)) + String(repeating: "0", count: 44)
                },
                sha256: { $0.reversed() },
                constantTimeEquals: { $0 == $1 },
                background: ImmediateWork(),
                outgoing: outgoing
            ),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        backend.answer(
            "GET /tenants/acme",
            #"{"name":"acme","tenantURL":"https://scim.example.com/acme/scim/v2","scimEnabled":true,"authentication":"openid","clients":["okta"],"resources":{"User":3,"Group":1}}"#
        )
        backend.answer("GET /tenants/acme/tokens", #"{"tokens":[]}"#)
        backend.answer(
            "POST /tenants/acme/tokens",
            #"{"tenantURL":"https://scim.example.com/acme/scim/v2","token":"pharos_scim_0_1","id":"0","expires":"2027-11-29T10:00:00Z"}"#
        )
    }

    func advance(minutes: Int64) { _ = clock.add(UInt64(minutes) * 60_000_000) }

    func signIn(
        _ role: Role = .owner,
        _ scope: Scope = .tenant("acme"),
        created: String = ""
    ) -> Browser {
        let cookie = handler.sessions.begin(
            SignedIn(
                person: Person(id: "link.root", name: "Link made by root"),
                role: role,
                scope: scope
            ),
            tenantCreated: created
        )
        return Browser(console: self, cookie: cookie)
    }
}

/// Reaches nobody.
struct NoClient: HTTPClient {
    func exchange(_ request: OutgoingRequest) throws(ExchangeError) -> ReceivedResponse {
        throw .unreachable(host: request.url.host, reason: "tests have no network")
    }
}

private final class Counter: Sendable {
    private let count: Atomic<UInt64>

    init(_ start: UInt64) { count = Atomic(start) }

    var value: UInt64 { count.load(ordering: .relaxed) }

    func add(_ more: UInt64) -> UInt64 { count.add(more, ordering: .relaxed).newValue }
}

/// A browser with one session's cookie.
struct Browser: Sendable {
    let console: TestConsole
    var cookie: String?

    func get(
        _ path: String,
        fields: [(FieldName, String)] = []
    ) async throws -> (status: UInt16, text: String, response: Response) {
        try await send(.get, path, [:], fields)
    }

    /// Sends a form with the secret and the number that a page has, or those of the test.
    func post(
        _ path: String,
        _ form: [String: String],
        fields: [(FieldName, String)] = []
    ) async throws -> (status: UInt16, text: String, response: Response) {
        try await send(.post, path, form, fields)
    }

    /// Sends a form with a file, as its bytes are.
    func upload(
        _ path: String,
        _ body: String,
        boundary: String
    ) async throws -> (status: UInt16, text: String, response: Response) {
        try await send(.post, path, Array(body.utf8), "multipart/form-data; boundary=\(boundary)", [])
    }

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ form: [String: String],
        _ more: [(FieldName, String)]
    ) async throws -> (status: UInt16, text: String, response: Response) {
        let body = form.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return try await send(method, path, Array(body.utf8), "application/x-www-form-urlencoded", more)
    }

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: [UInt8],
        _ type: String,
        _ more: [(FieldName, String)]
    ) async throws -> (status: UInt16, text: String, response: Response) {
        var fields: [(FieldName, String)] = [(FieldName("Host"), "console.example.com")] + more
        if let cookie { fields.append((FieldName("Cookie"), "theme=dark; \(sessionCookie.name)=\(cookie)")) }
        if method == .post { fields.append((FieldName("Content-Type"), type)) }
        let request = Request(
            method: method,
            target: try Target(path),
            fields: Fields(fields),
            body: method == .post ? body : [],
            peer: Peer(address: "192.0.2.1", isSecure: true, origin: 1)
        )
        let response: Response
        switch console.handler.handle(request) {
        case .ready(let ready): response = ready
        case .pending(let operation): response = await operation()
        }
        return (response.status.code, String(decoding: response.body, as: UTF8.self), response)
    }

    /// The value of a hidden field of a page.
    static func hidden(_ name: String, in page: String) -> String {
        page.components(separatedBy: "name=\"\(name)\" value=\"").dropFirst().first?.components(
            separatedBy: "\""
        ).first ?? ""
    }

    /// The fields that every form of a page has.
    static func form(of page: String) -> [String: String] {
        var fields = ["secret": hidden("secret", in: page), "number": hidden("number", in: page)]
        let shown = hidden("shown", in: page)
        if !shown.isEmpty { fields["shown"] = shown }
        return fields
    }
}
