import HTTP

/// Why a request got no answer, as figures tell it.
package enum LoadFailure: String, Sendable, CaseIterable {
    case connect, untrusted, handshake, timeout, closed, malformed

    init(_ error: ExchangeError) {
        self =
            switch error {
            case .notSecure, .unknownHost, .unreachable: .connect
            case .untrusted: .untrusted
            case .handshake: .handshake
            case .timeout: .timeout
            case .incomplete, .redirected: .closed
            case .response: .malformed
            }
    }

    var index: Int {
        switch self {
        case .connect: 0
        case .untrusted: 1
        case .handshake: 2
        case .timeout: 3
        case .closed: 4
        case .malformed: 5
        }
    }

    /// What happened, as a clause.
    package var meaning: String {
        switch self {
        case .connect: "no connection came about"
        case .untrusted: "the certificate is not trusted"
        case .handshake: "no TLS connection came about"
        case .timeout: "the answer was not there in time"
        case .closed: "the connection ended before the answer did"
        case .malformed: "the answer is no proper HTTP"
        }
    }
}
