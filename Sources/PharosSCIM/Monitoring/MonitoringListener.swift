import HTTP
import Logging
import Reactor
import Server
import Service
import Systemd

/// The address of a monitoring system, with a loop of its own: it answers whatever the others do.
struct MonitoringListener: Sendable {
    /// The name of a socket that the service manager passes for it.
    private static let socketName = "monitoring"
    /// A monitoring system has a few connections; somebody else gets no more than these.
    private static let connectionsMax = 64
    /// The largest content that is read, which none of the requests has.
    private static let bodyBytesMax = 1_024

    private let loops: EventLoopGroup
    private let server: HTTPServer

    /// Answers from now on; nil if nobody is to be answered over TCP.
    init?(_ address: ListenAddress?, inherited: [InheritedSocket], pages: MonitoringPages, log: Logger) throws
    {
        var endpoints = inherited.filter { $0.name == Self.socketName }.map {
            ServerConfiguration.Endpoint.inherited(
                descriptor: $0.descriptor,
                name: $0.name,
                security: .plain
            )
        }
        if endpoints.isEmpty, let address {
            endpoints = [.tcp(host: address.numericHost, port: address.port, security: .plain)]
        }
        guard !endpoints.isEmpty else { return nil }
        var configuration = ServerConfiguration(endpoints: endpoints)
        // What is told here is no secret; who may connect is for the operator and the network to say.
        configuration.allowInsecure = true
        configuration.limits.bodyBytesMax = Self.bodyBytesMax
        configuration.capacity.connectionsMax = Self.connectionsMax
        loops = try EventLoopGroup(count: 1, name: "monitoring")
        server = HTTPServer(
            configuration: configuration,
            handler: MonitoringHandler(pages),
            loops: loops,
            log: log
        )
        let addresses = try server.start()
        for address in addresses {
            log.notice(
                "monitoring systems are answered",
                metadata: ["address": "\(address.host ?? ""):\(address.port)"]
            )
        }
    }

    /// Answers nobody any more.
    func end() async {
        await server.drain(within: .zero)
        loops.shutDown()
    }
}
