import ArgumentParser

/// Where `serve` listens: an address and a port, or the path of a Unix socket behind `unix:`.
enum ListenPlace: ExpressibleByArgument, Sendable, Equatable {
    case address(ListenAddress)
    case local(path: String)

    private static let localPrefix = "unix:"

    init?(argument: String) {
        guard argument.hasPrefix(Self.localPrefix) else {
            guard let address = ListenAddress(argument: argument) else { return nil }
            self = .address(address)
            return
        }
        let path = String(argument.dropFirst(Self.localPrefix.count))
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        self = .local(path: path)
    }

    var defaultValueDescription: String { text }

    var text: String {
        switch self {
        case .address(let address): address.text
        case .local(let path): Self.localPrefix + path
        }
    }

    var isUnixSocket: Bool { if case .local = self { true } else { false } }

    /// Whether only this machine can connect.
    var isLocal: Bool { if case .address(let address) = self { address.isLoopback } else { true } }

    /// Whether it is an address that clients can use.
    var isReachable: Bool { if case .address(let address) = self { !address.isWildcard } else { false } }
}
