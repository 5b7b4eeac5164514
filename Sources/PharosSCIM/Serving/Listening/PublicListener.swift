import HTTP
import Reactor
import Server
import Systemd
import TLS

/// How clients connect, by a browser or as an identity provider does.
struct PublicListener {
    /// What an operator decides about it.
    struct Settings: Sendable {
        /// How connections are protected.
        enum Transport: Sendable {
            case tls(certificatePath: String, keyPath: String)
            /// Without TLS: on loopback, or behind a proxy that speaks TLS.
            case plain
        }

        var listen: ListenPlace
        var transport: Transport
        /// Whether plain HTTP may be served beyond loopback.
        var allowsInsecure = false
        /// Scheme and authority of its URLs, without a slash at the end; nil: those of the listening address.
        var url: String?
        /// The largest request body.
        var bodyBytesMax = 1 << 20
        /// Who is believed when it tells for whom it asks; nil for nobody.
        var proxies: TrustedProxies?
    }

    let configuration: ServerConfiguration
    let tls: TLSContext?
    /// Where clients reach the server unless the operator says otherwise.
    let defaultURL: String

    /// Of the socket's file: for whoever is in the server's group, as a proxy has to be.
    private static let socketMode: UInt32 = 0o660

    /// Takes the sockets that the service manager has passed under the name, or opens one.
    init(_ settings: Settings, socketName: String, inherited: [InheritedSocket]) throws {
        let security: ServerConfiguration.Security
        switch settings.transport {
        case .tls(let certificatePath, let keyPath):
            tls = try TLSContext(certificateFile: certificatePath, keyFile: keyPath)
            security = .tls
        case .plain:
            tls = nil
            security = .plain
        }
        let sockets = inherited.filter { $0.name == socketName }
        var endpoints: [ServerConfiguration.Endpoint]
        var place = settings.listen
        if !sockets.isEmpty {
            // What these sockets are bound to says nothing of how clients come there.
            guard settings.url != nil else {
                throw CommandFailure(
                    .refused,
                    "public-url is missing: how clients reach the sockets that systemd passes, like https://scim.example.com."
                )
            }
            endpoints = sockets.map {
                .inherited(descriptor: $0.descriptor, name: $0.name, security: security)
            }
        } else {
            switch place {
            case .local(let path):
                endpoints = [.local(path: path, mode: Self.socketMode)]
            case .address(let address) where address.port == 0:
                // The port must be known before there is a server, because it is part of every location.
                let socket = try ListeningSocket.ip(host: address.numericHost, port: 0)
                place = .address(address.with(port: socket.localAddress.port))
                let descriptor = try Host.duplicate(socket.descriptor)
                endpoints = [.inherited(descriptor: descriptor, name: socketName, security: security)]
            case .address(let address):
                endpoints = [.tcp(host: address.numericHost, port: address.port, security: security)]
            }
        }
        var configuration = ServerConfiguration(endpoints: endpoints)
        configuration.limits.bodyBytesMax = settings.bodyBytesMax
        configuration.allowInsecure = settings.allowsInsecure
        configuration.proxies = settings.proxies
        self.configuration = configuration
        defaultURL = "\(security == .tls ? "https" : "http")://\(place.text)"
    }
}
