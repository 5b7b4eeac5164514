import Reactor

/// Why the server could not start.
package enum ServerError: Error, Sendable, Equatable {
    /// Plain HTTP on an address that others can reach, without ``ServerConfiguration/allowInsecure``.
    case insecureEndpoint(String)
    /// An endpoint asks for TLS and no certificate was given.
    case certificateMissing(String)
    /// The endpoint cannot be opened.
    case cannotListen(String, SystemError)
}
