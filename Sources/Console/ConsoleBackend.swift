import HTTP
import JSON

/// Where the console gets what it shows, and has changed what an administrator changes: the server's admin interface.
package protocol ConsoleBackend: Sendable {
    /// Sends one command and waits for its answer, never on an event loop.
    ///
    /// `person`: for whom, as the audit trail names them; nil for the console itself.
    /// - Throws: ``ConsoleFault`` if the server cannot be reached or refuses.
    func send(
        _ method: Method,
        _ path: String,
        _ body: JSONObject?,
        for person: Person?
    ) async throws(ConsoleFault) -> JSONObject
}

/// Why something cannot be shown or done.
package enum ConsoleFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server does not answer.
    case unreachable
    /// The server refused, with its word and its sentence.
    case refused(word: String, sentence: String)
    /// There is no such page, or none that this person may see.
    case notFound
    /// The form is too old, or not one of this session.
    case expiredForm
    /// The person may look and not change.
    case notAllowed
    case invalid(String)
    /// A form or its file is too large.
    case tooLarge
    /// Too many attempts; try again after so many seconds.
    case tooMany(seconds: Int)

    package var description: String {
        switch self {
        case .unreachable:
            "The SCIM server does not answer. Try again in a moment; if this goes on, tell whoever operates it."
        case .refused(_, let sentence): sentence
        case .notFound: "There is no such page, or you may not see it."
        case .expiredForm:
            "This page was open for too long, or was sent before. Nothing was changed. Go back, reload the page and try again."
        case .notAllowed: "Your role allows you to look, not to change anything. Ask an owner of this tenant."
        case .invalid(let sentence): sentence
        case .tooLarge:
            "The file is larger than \(ImportStore.fileBytesMax >> 20) MiB. Split it, or have an operator import it at the "
                + "command line."
        case .tooMany(let seconds): "Too many attempts. Try again in \(seconds) seconds."
        }
    }

    var status: Status {
        switch self {
        case .unreachable: .serviceUnavailable
        case .refused(let word, _): word == "notThere" ? .notFound : .conflict
        case .notFound: .notFound
        case .expiredForm, .notAllowed: .forbidden
        case .invalid: .badRequest
        case .tooLarge: .contentTooLarge
        case .tooMany: .tooManyRequests
        }
    }
}
