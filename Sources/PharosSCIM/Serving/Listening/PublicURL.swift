import Reactor

/// A URL's scheme and authority, where Tenant URLs begin (RFC 3986 §3.2).
struct PublicURL: Sendable {
    /// Without a slash at the end.
    let text: String

    private static let schemes = ["https://", "http://"]
    /// What DNS takes (RFC 1035 §2.3.4).
    private static let hostBytesMax = 253

    /// Nil if the text is none.
    init?(_ text: String) {
        let url = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let scheme = Self.schemes.first(where: { url.hasPrefix($0) }),
            Self.isAuthority(url.dropFirst(scheme.count))
        else { return nil }
        self.text = url
    }

    /// What is wrong, where that can be said without showing a password.
    static func explain(_ text: String) -> String? {
        text.contains("@") ? "a URL here has no user and no password." : nil
    }

    /// A name, an IPv4 address, or an IPv6 address in brackets; and a port, if there is one.
    private static func isAuthority(_ text: Substring) -> Bool {
        guard text.hasPrefix("[") else {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return isName(parts[0]) && (parts.count == 1 || isPort(parts[1]))
        }
        guard let end = text.firstIndex(of: "]") else { return false }
        let host = text[text.index(after: text.startIndex)..<end]
        let rest = text[text.index(after: end)...]
        guard host.contains(":"), SocketAddress(host: String(host), port: 0) != nil else { return false }
        return rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst())
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...hostBytesMax).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.allSatisfy { $0.isASCIIWordByte || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard let port = UInt16(text), port > 0 else { return false }
        return "\(port)" == text
    }
}
