/// The URL of something on another server: `https`, host, port, path and query (RFC 3986, RFC 9110 §4.2).
///
/// No user information, no fragment, and nothing but ASCII, so that what is compared and logged is what is asked for.
package struct RemoteURL: Sendable, Hashable {
    /// Longest URL.
    package static let bytesMax = 2_048

    /// As it was written.
    package let text: String
    /// Whether it begins with `https`.
    package let isSecure: Bool
    /// A DNS name or numeric address; an IPv6 address without its brackets.
    package let host: String
    package let port: UInt16
    /// Host and port as the Host field has them.
    package let authority: String
    /// Path and query as a request line has them.
    package let requestTarget: String

    /// Nil if a text is no such URL.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let target = try? Target(text), let authority = target.authority
        else { return nil }
        self.text = text
        isSecure = target.parts.isHTTPS
        self.authority = authority
        requestTarget = target.path + (target.query.map { "?\($0)" } ?? "")

        var host = authority[...]
        var port = isSecure ? UInt16(443) : 80
        // Behind a colon there are digits, and the colons of an IPv6 address stand in brackets.
        if let colon = authority.lastIndex(of: ":"), authority[colon...].allSatisfy({ $0 != "]" }) {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                return nil
            }
            port = number
            host = authority[..<colon]
        }
        if host.first == "[" { host = host.dropFirst().dropLast() }
        self.host = String(host)
        self.port = port
    }

    /// Whether the host is this machine by a numeric address or the name `localhost` (RFC 6761 §6.3).
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
