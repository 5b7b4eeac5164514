import ArgumentParser
import Reactor

/// Where a server listens: `127.0.0.1:8443`, `[::1]:8443`, `localhost:0`.
struct ListenAddress: ExpressibleByArgument, Sendable, Equatable {
    /// An IP address, without brackets, or `localhost`.
    let host: String
    /// 0 asks the system for a free one.
    let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.init(host: String(host), port: port)
        guard SocketAddress(host: numericHost, port: port) != nil else { return nil }
    }

    var defaultValueDescription: String { text }

    /// The address as a URL has it (RFC 3986 §3.2.2).
    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can connect.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The host as an IP address.
    var numericHost: String { host == "localhost" ? "127.0.0.1" : host }

    /// Whether it stands for all addresses of the machine.
    var isWildcard: Bool { host == "0.0.0.0" || host == "::" }

    /// The address with the port that the system has chosen.
    func with(port: UInt16) -> ListenAddress { ListenAddress(host: host, port: port) }
}
