/// Why a request of ours got no answer; each says what to look at, and nothing of what was sent.
package enum ExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The URL begins with `http:`, and no exception was made for its host.
    case notSecure(host: String)
    /// The name service knows no address of the host; with the system's reason.
    case unknownHost(String, reason: String)
    /// No address of the host took the connection; with the system's reason.
    case unreachable(host: String, reason: String)
    /// The certificate is not one that this server trusts for the host; with OpenSSL's reason.
    case untrusted(host: String, reason: String)
    /// TLS could not be agreed on; with OpenSSL's reason.
    case handshake(host: String, reason: String)
    /// The answer was not there in time.
    case timeout(host: String, seconds: Int)
    /// The connection broke, or ended before the answer did.
    case incomplete(host: String)
    /// The answer is none that may be used.
    case response(host: String, ResponseFault)
    /// The answer points elsewhere.
    case redirected(host: String, status: Int)

    package var description: String {
        switch self {
        case .notSecure(let host):
            "the address of \(host) has to begin with https, as what is sent there is secret"
        case .unknownHost(let host, let reason):
            "the name service knows no address of \(host) (\(reason)); is the name right, and does this server "
                + "have a name service?"
        case .unreachable(let host, let reason):
            "\(host) takes no connection (\(reason)); does it run, and may this server reach it through the firewall?"
        case .untrusted(let host, let reason):
            "the certificate of \(host) is not trusted (\(reason)); if an authority of your own has signed it, "
                + "name that authority's file"
        case .handshake(let host, let reason):
            "no TLS connection came about with \(host) (\(reason)); it has to speak TLS 1.2 or 1.3"
        case .timeout(let host, let seconds): "\(host) did not answer within \(seconds) s"
        case .incomplete(let host): "\(host) ended the connection before its answer was complete"
        case .response(let host, let fault): "the answer of \(host) cannot be used: \(fault)"
        case .redirected(let host, let status):
            "\(host) answered with a redirection (\(status)), which is not followed; give the address that it leads to"
        }
    }
}
