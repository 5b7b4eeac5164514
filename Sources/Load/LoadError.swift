import HTTP
import Reactor
import TLS

/// Why a load test did not come about.
package enum LoadError: Error, CustomStringConvertible {
    /// The server cannot be reached.
    case exchange(ExchangeError)
    /// The server does not take the token.
    case unauthorized(status: UInt16)
    /// The directory is not as the test needs it.
    case survey(Survey.Fault)
    /// The preparation met too many failures.
    case failing(LoadFailure)
    case certificates(TLSError)
    case system(SystemError)

    package var description: String {
        switch self {
        case .exchange(let error): error.description
        case .unauthorized(let status): "the server does not take the token (status \(status))"
        case .survey(let fault): fault.description
        case .failing(let failure): "the preparation was given up: \(failure.meaning), again and again"
        case .certificates(let error): error.description
        case .system(let error): error.description
        }
    }
}
