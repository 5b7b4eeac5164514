import ArgumentParser
import HTTP
import JSON
import Load
import Reactor
import TLS

/// Measures a SCIM server, this one or another.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Measure a SCIM server: named workloads, in a closed or an open loop.",
        discussion: """
            The token comes from a file or from PHAROS_SCIM_TOKEN in the environment, never from the command line, which \
            other users of the machine can see. The server's certificate is always checked.

            Without --rate the loop is closed: each connection sends its next request when the last one is answered, \
            which shows how much a server can do. With --rate it is open: requests are due at a fixed rate whatever the \
            server does, and latencies count from the moment they are due, which shows how long people wait.

            Nothing but GET is sent without --allow-changes. What is made bears the names load-000001 and so on, and \
            load-group-0001, and an externalId that begins with pharos-; nothing else is ever changed or deleted.

            Exit status: 0 if every request got the answer that was expected, 8 if some did not; see \
            `pharos-scim --help` for the others.

            Example:
              pharos-scim load --url https://scim.example.com/test/scim/v2 --token-file token --workload mixed \
              --users 10000 --prepare --clean-up --allow-changes --html report.html
              pharos-scim load --url https://scim.example.com/test/scim/v2 --token-file token --workload filter \
              --users 10000 --rate 5000 --duration 1m
            """
    )

    /// What the command ends with if some request did not get the answer that was expected.
    static let faultStatus: Int32 = 8
    /// What the program has open beside connections, loops included, with room to spare.
    private static let otherDescriptors = 256

    @OptionGroup var target: LoadTargetOptions
    @OptionGroup var load: LoadOptions
    @Option(help: ArgumentHelp("A file for the report as a page with charts.", valueName: "file"))
    var html: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if load.workload == nil, !load.prepare, !load.cleanUp {
            throw ValidationError("There is nothing to do without --workload, --prepare or --clean-up.")
        }
        if load.workload == nil, html != nil { throw ValidationError("--html needs --workload.") }
    }

    func run() async throws {
        let parameters = load.parameters
        guard !parameters.changes || load.allowChanges else {
            throw CommandFailure(
                .refused,
                "This changes the server's directory. Add --allow-changes if it is one for tests."
            )
        }
        let descriptors = DescriptorLimit.raise()
        guard parameters.connections <= descriptors - Self.otherDescriptors else {
            throw CommandFailure(
                .refused,
                "--connections \(parameters.connections) is too much for the \(descriptors) open files that the system "
                    + "allows a process (ulimit -Hn)."
            )
        }
        let test = LoadTest(
            url: target.url.url,
            token: try target.token(),
            version: programVersion,
            trust: target.caFile.map { .file($0) } ?? .system,
            parameters: parameters,
            watcher: Terminal.isWatched ? Self.watcher(parameters) : nil
        )
        let report: LoadReport
        do {
            report = try await test.run()
            Terminal.progress("")
        } catch let error as LoadError {
            Terminal.progress("")
            throw CommandFailure(error)
        }
        if let html {
            try Host.replaceFile(html, with: Array(report.page.utf8), mode: 0o644)
            Terminal.note(html)
        }
        report.json.show(output) { _ in Terminal.show(report.text) }
        if !report.isFaultless { throw ExitCode(Self.faultStatus) }
    }

    private static func watcher(_ parameters: LoadParameters) -> LoadTest.Watcher {
        LoadTest.Watcher(
            begins: { Terminal.progress($0) },
            stands: { stage, seconds, glimpse in
                Terminal.progress(
                    "\(stage): \(Int(seconds)) s, \(Readable.count(glimpse.answered)) answers, "
                        + "median \(Readable.duration(glimpse.median)), 99 % \(Readable.duration(glimpse.high)), "
                        + "\(Readable.count(glimpse.faults)) not as expected"
                )
            }
        )
    }
}

extension CommandFailure {
    /// Why a load test did not come about.
    fileprivate init(_ error: LoadError) {
        let kind: Kind =
            switch error {
            case .exchange: .unreachable
            case .unauthorized: .refused
            case .survey(.missing): .notThere
            case .survey(.foreign): .refused
            case .survey(.answer), .failing, .certificates, .system: .failed
            }
        let clause = error.description
        self.init(kind, clause.prefix(1).uppercased() + clause.dropFirst() + ".")
    }
}
