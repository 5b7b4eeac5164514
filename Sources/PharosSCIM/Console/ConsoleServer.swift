import Console
import HTTP
import JSON
import Logging
import OutgoingHTTP
import Reactor
import Server
import Service
import Systemd
import TLS
import Tenancy

/// The console behind a listener: in a process of its own, or in that of the quickstart.
struct ConsoleServer: Sendable {
    private let server: HTTPServer
    /// Scheme and authority of the pages, without a slash at the end.
    let url: String
    private let backend: AdminBackend
    private let handler: ConsoleHandler
    private let tls: TLSContext?
    private let signIn: SignIn

    /// Commands to the server at a time.
    private static let backendThreads = 4
    /// Calls to identity providers and to the public address at a time.
    private static let outgoingThreads = 8

    /// How people sign in, beside one-time links.
    struct SignIn: Sendable {
        /// The file with the identity providers; nil for none.
        var file: String?
        /// The certificates that providers are trusted by; nil for the system's.
        var caFile: String?
    }

    /// Opens the listener; nothing is served before the server is started.
    init(
        _ settings: PublicListener.Settings,
        signIn: SignIn = SignIn(),
        inherited: [InheritedSocket],
        adminSocketPaths: [String],
        loops: EventLoopGroup,
        log: Logger
    ) throws {
        let listener = try PublicListener(settings, socketName: "https", inherited: inherited)
        let threads = try BackgroundThreads(loopCount: Self.backendThreads * 2)
        backend = AdminBackend(client: AdminClient(socketPaths: adminSocketPaths), threads: threads, log: log)
        url = settings.url ?? listener.defaultURL
        var clientSettings = HTTPSClient.Configuration()
        if let caFile = signIn.caFile { clientSettings.trust = .file(caFile) }
        handler = try ConsoleHandler(
            backend: backend,
            tables: UploadedTables(),
            signIn: try Self.providers(signIn, consoleURL: url),
            client: try HTTPSClient(clientSettings),
            environment: .system(
                threads,
                outgoing: try BackgroundThreads(loopCount: Self.outgoingThreads * 2)
            ),
            log: log
        )
        tls = listener.tls
        self.signIn = signIn
        server = HTTPServer(
            configuration: listener.configuration,
            handler: handler,
            loops: loops,
            tls: tls,
            log: log
        )
    }

    func start() throws { try server.start() }

    /// Answers what is on its way, and takes nothing new.
    func drain(within limit: Duration) async {
        handler.stop()
        await server.drain(within: limit)
    }

    /// Reads the certificate and the file of the sign-in again.
    ///
    /// Of what cannot be used nothing changes. Who has signed in stays so, unless the file does not name them any more.
    func reload() throws {
        let settings = try Self.providers(signIn, consoleURL: url)
        try tls?.reload()
        handler.replace(settings)
    }

    /// Reads all that a console reads at its start, and opens nothing.
    static func check(_ settings: PublicListener.Settings, signIn: SignIn) throws {
        if case .tls(let certificatePath, let keyPath) = settings.transport {
            _ = try TLSContext(certificateFile: certificatePath, keyFile: keyPath)
        }
        _ = try providers(signIn, consoleURL: settings.url ?? "https://localhost")
    }

    private static func providers(_ signIn: SignIn, consoleURL: String) throws -> SignInSettings {
        guard let file = signIn.file else { return .none }
        guard let content = try Host.readFile(file, bytesMax: SignInSettings.bytesMax) else {
            throw CommandFailure(.notThere, "There is no file \(file).")
        }
        do throws(SignInSettings.Fault) {
            return try SignInSettings(content, consoleURL: consoleURL)
        } catch {
            throw CommandFailure(.refused, "\(file): \(error)")
        }
    }

    /// Makes a one-time link to the console.
    ///
    /// `tenant`: nil for an operator, who sees all tenants.
    func makeLink(tenant: String?, minutes: Int) async throws(ConsoleFault) -> String {
        var members: [JSONObject.Member] = [.init(name: "minutes", value: .number(JSONNumber(minutes)))]
        if let tenant { members.append(.init(name: "tenant", value: .string(tenant))) }
        let answer = try await backend.send(
            .post,
            "/console-links",
            JSONObject(uniqueMembers: members),
            for: nil
        )
        return url + answer.text("path")
    }

    /// Tells the server where the console is, so that it can make links; again and again, since the server may restart.
    func announce() async {
        let body = JSONObject(uniqueMembers: [.init(name: "url", value: .string(url))])
        while !Task.isCancelled {
            _ = try? await backend.send(.post, "/console-links/console", body, for: nil)
            try? await Task.sleep(for: .seconds(ConsoleLinks.announcementSeconds))
        }
    }
}

extension ConsoleEnvironment {
    /// The real clock, the kernel's random numbers, OpenSSL's digests.
    static func system(
        _ threads: BackgroundThreads,
        outgoing: BackgroundThreads
    ) -> ConsoleEnvironment {
        ConsoleEnvironment(
            now: { DirectoryEnvironment.system.now().microseconds },
            secret: { DirectoryEnvironment.system.randomDigits() },
            sha256: { Digest.sha256($0.span) },
            constantTimeEquals: { Digest.constantTimeEquals($0.span, $1.span) },
            background: threads,
            outgoing: outgoing
        )
    }
}
