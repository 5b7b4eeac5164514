import ArgumentParser
import Audit
import Console
import Directory
import JSON
import Locking
import Reactor
import Server
import Service
import Systemd
import TLS
import Tenancy

/// Serves a demo tenant on loopback.
struct QuickstartCommand: ServingCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "Try the server: a demo tenant with a token on this machine, by one command.",
        discussion: """
            Makes a data folder with a self-signed certificate and the tenant `demo`, serves on loopback, and prints \
            the Tenant URL, a token, three requests to begin with and a link to the web console, which is on the next port. \
            Each start gives a fresh token and ends the one \
            before; the tenant's data stay.

            Example:
              pharos-scim quickstart --listen 127.0.0.1:8443
            """
    )

    @Option(help: ArgumentHelp("The folder that holds the data. (default: ~/.pharos-scim)", valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp("Where to listen on loopback; port 0 asks for a free one.", valueName: "host:port")
    )
    var listen = ListenAddress(host: "127.0.0.1", port: 8443)

    @Flag(help: "Serve plain HTTP.")
    var http = false

    @OptionGroup var output: OutputOptions

    private static let tenant = "demo"
    private static let linkMinutes = 15
    /// The certificate is trusted by nobody but who is told to, so that it need not be renewed soon.
    private static let certificateDays = 3_650

    func validate() throws {
        guard listen.isLoopback, listen.port < UInt16.max else {
            throw ValidationError(
                "The quickstart listens on loopback only; `pharos-scim serve` listens elsewhere."
            )
        }
    }

    func run() async throws {
        let folder = DataFolder(path: data ?? Self.defaultFolder)
        var transport = PublicListener.Settings.Transport.plain
        if !http {
            try makeCertificate(folder)
            transport = .tls(certificatePath: folder.certificatePath, keyPath: folder.keyPath)
        }
        let hasJournal = JournalSink.isAvailable()
        let settings = ServerSettings(
            folder: folder,
            public: PublicListener.Settings(listen: .address(listen), transport: transport),
            trail: TrailSettings(
                output: hasJournal ? .journal : output.json ? .stderr : .stdout,
                printsSentences: true
            ),
            loopCount: ProcessorShare.threadCount,
            takesInheritedSockets: false
        )
        let output = output
        let caFile = http ? nil : folder.certificatePath
        let console = Locked<ConsoleServer?>(nil)
        let consoleSettings = PublicListener.Settings(
            listen: .address(listen.with(port: listen.port == 0 ? 0 : listen.port + 1)),
            transport: transport,
            bodyBytesMax: ConsoleHandler.bodyBytesMax
        )
        let process = ServerProcess(settings)
        try await process.run { parts in
            let token = try await Self.freshToken(parts.administration)
            let pages = try ConsoleServer(
                consoleSettings,
                signIn: ConsoleServer.SignIn(caFile: caFile),
                inherited: [],
                adminSocketPaths: [parts.adminSocketPath],
                loops: parts.adminLoops,
                log: parts.log
            )
            try pages.start()
            console.withLock { $0 = pages }
            Task { await pages.announce() }
            let text = QuickstartText(
                tenantURL: "\(parts.publicURL)/\(Self.tenant)/scim/v2",
                token: token,
                consoleURL: pages.url,
                consoleLink: try await pages.makeLink(tenant: Self.tenant, minutes: Self.linkMinutes),
                linkMinutes: Self.linkMinutes,
                caFile: caFile,
                dataPath: folder.path,
                hasJournal: hasJournal
            )
            if output.json {
                Terminal.show(text.json.line)
            } else {
                text.show()
            }
        }
        await console.withLock { $0 }?.drain(within: .seconds(1))
    }

    private static var defaultFolder: String {
        Host.environment("HOME").map { "\($0)/.pharos-scim" } ?? "/tmp/pharos-scim-\(Host.userID)"
    }

    private func makeCertificate(_ folder: DataFolder) throws {
        guard !Host.exists(folder.certificatePath) || !Host.exists(folder.keyPath) else { return }
        try folder.make()
        try folder.makeTLSFolder()
        var hosts = ["localhost", "127.0.0.1", "::1"]
        if !hosts.contains(listen.host) { hosts.append(listen.host) }
        let made = try SelfSignedCertificate.make(hosts: hosts, validDays: Self.certificateDays)
        try Host.replaceFile(folder.keyPath, with: Array(made.keyPEM.utf8), mode: 0o600)
        try Host.replaceFile(folder.certificatePath, with: Array(made.certificatePEM.utf8), mode: 0o644)
    }

    /// The demo tenant, enabled, with a token that this start has made.
    private static func freshToken(_ administration: Administration) async throws -> String {
        let actor = AuditActor.system
        do throws(AdministrationError) {
            do throws(AdministrationError) {
                _ = try await administration.createTenant(tenant, by: actor)
            } catch .tenantExists {}
            _ = try await administration.setSCIM(enabled: true, tenant: tenant, by: actor)
            do throws(AdministrationError) {
                return try await administration.regenerateToken(tenant: tenant, overlapSeconds: 0, by: actor)
                    .text
            } catch .noLiveToken {
                return try await administration.generateToken(tenant: tenant, by: actor).text
            }
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
    }
}
