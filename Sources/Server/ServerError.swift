import Reactor

/// Why the server could not start.
package enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Plain HTTP on an address that others can reach, without ``ServerConfiguration/allowInsecure``.
    case insecureEndpoint(String)
    /// An endpoint asks for TLS and no certificate was given.
    case certificateMissing(String)
    /// The endpoint cannot be opened.
    case cannotListen(String, SystemError)

    package var description: String {
        switch self {
        case .insecureEndpoint(let place): "plain HTTP is not served on \(place), which others can reach"
        case .certificateMissing(let place): "\(place) is to speak TLS, and there is no certificate"
        case .cannotListen(let place, let error): "the server cannot listen on \(place) (\(error))"
        }
    }
}
