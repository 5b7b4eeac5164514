import ArgumentParser
import JSON
import Logging
import Reactor
import Systemd
import Transfer

/// Why a command was not carried out: what kind of failure, and a sentence for the operator.
struct CommandFailure: Error, CustomStringConvertible {
    /// A word for scripts and an exit status; neither ever changes its meaning.
    ///
    /// The words that the server uses are those of `AdminFault`.
    enum Kind: String, CaseIterable {
        case failed, notThere, exists, refused, unreachable
        /// The command line was not understood.
        case usage

        var status: Int32 {
            switch self {
            case .failed: 1
            case .notThere: 4
            case .exists: 5
            case .refused: 6
            case .unreachable: 7
            case .usage: 64
            }
        }
    }

    let kind: Kind
    let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension CommandFailure {
    /// Says why a command failed, where its caller looks for it, and ends the process.
    ///
    /// A script that asked for JSON gets an object on standard output, a service in the journal a line with the priority of
    /// what ends it, a person a line on standard error.
    static func end(with error: any Error) -> Never {
        guard let failure = CommandFailure(error) else { PharosCommand.exit(withError: error) }
        let asksForJSON = CommandLine.arguments.contains("--json")
        if asksForJSON { Terminal.show(failure.json) }
        if Host.isJournal(Terminal.error) {
            Logger(label: "pharos-scim").critical("\(failure)")
            // The journal's lines of a start that failed are not shown with the next try.
            Notifier().status(failure.description)
        } else if failure.kind == .usage, !(error is CommandFailure) {
            PharosCommand.exit(withError: error)
        } else {
            Terminal.note("Error: \(failure)")
        }
        PharosCommand.exit(withError: ExitCode(failure.kind.status))
    }

    /// Nil for what is no failure: a request for help, and an exit status that a command has chosen itself.
    private init?(_ error: any Error) {
        if error is ExitCode || error is CleanExit { return nil }
        if let failure = error as? CommandFailure {
            self = failure
            return
        }
        if error is CSVError {
            self.init(.refused, Self.sentence("\(error)"))
            return
        }
        switch PharosCommand.exitCode(for: error) {
        case .success: return nil
        case .validationFailure: self.init(.usage, PharosCommand.message(for: error))
        default: self.init(.failed, Self.sentence("\(error)"))
        }
    }

    private var json: String {
        JSONObject(uniqueMembers: [
            .init(name: "error", value: .string(kind.rawValue)),
            .init(name: "message", value: .string(description)),
        ]).line
    }

    /// A clause, as errors describe themselves, as a sentence.
    private static func sentence(_ clause: String) -> String {
        let text = clause.prefix(1).uppercased() + clause.dropFirst()
        return text.hasSuffix(".") ? text : text + "."
    }
}
