import Logging
import Reactor
import Server
import Systemd

/// A console's process from its start to its end.
struct ConsoleProcess {
    let settings: PublicListener.Settings
    let signIn: ConsoleServer.SignIn
    let adminSocketPaths: [String]
    private let log = Logger(label: "pharos-scim")
    private let notifier = Notifier()

    private static let drainLimit = Duration.seconds(10)

    init(
        _ settings: PublicListener.Settings,
        signIn: ConsoleServer.SignIn,
        adminSocketPaths: [String]
    ) {
        self.settings = settings
        self.signIn = signIn
        self.adminSocketPaths = adminSocketPaths
    }

    /// Serves until a signal ends it; `ready` is called with the console's URL once requests are answered.
    func run(ready: (String) -> Void) async throws {
        Host.returnFreedMemory()
        _ = DescriptorLimit.raise()
        let inherited = SocketActivation.takeSockets()
        let (signals, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let loops = try EventLoopGroup(count: 1)
        let console = try ConsoleServer(
            settings,
            signIn: signIn,
            inherited: inherited,
            adminSocketPaths: adminSocketPaths,
            loops: loops,
            log: log
        )
        try SignalListener(ServerProcess.signals, on: loops.next()) { continuation.yield($0) }
        try console.start()
        let status = "Serving the console at \(console.url)"
        notifier.ready(status: status)
        log.notice("serving the console", metadata: ["url": "\(console.url)"])
        ready(console.url)
        let announcing = Task { await console.announce() }
        for await signal in signals {
            guard signal == ServerProcess.hangUp else { break }
            notifier.reloading()
            do {
                try console.reload()
                log.notice("certificate and sign-in file reloaded")
            } catch {
                log.error("certificate and sign-in stay as they were", metadata: ["error": "\(error)"])
            }
            notifier.ready(status: status)
        }
        notifier.stopping(status: "Stopping")
        announcing.cancel()
        await console.drain(within: Self.drainLimit)
    }
}
