import Audit
import JSON
import Storage

/// What operators ask of the server's process itself; whoever has composed the process carries it out.
package struct ServerControl: Sendable {
    /// Looks for damage in the store; may take long.
    let check: @Sendable () async -> [String]
    /// How many rows a check has looked at that is under way; nil if none is.
    let checkProgress: @Sendable () -> Int?
    /// Reads the settings, the certificate and its key again.
    let reload: @Sendable () async -> Reload
    /// What the process tells of its store.
    let storeFigures: @Sendable () -> [StoreFigure]
    /// How it fares, and its figures for monitoring systems.
    let pages: MonitoringPages
    /// The same for people.
    let status: @Sendable () -> JSONObject
    /// Waits until the journal has all records; nil where changes are answered without it.
    let confirmation: (@Sendable () async -> Bool)?
    /// Compares the journal with the store for somebody; nil if that does not begin, or there is no journal.
    let replay: @Sendable (AuditActor) async -> ReplayOutcome?
    /// Begins to read a copy of the store.
    let beginBackup: Backups.Begin

    /// How a reload went.
    package enum Reload: Sendable {
        case done(Reloaded)
        /// All stays as it was, for this reason.
        case failed(String)
    }

    /// What holds after a reload.
    package struct Reloaded: Sendable {
        /// A certificate: its serial number, and when it ends, as RFC 3339 has it.
        package struct Certificate: Sendable {
            let serialNumber: String
            let notAfter: String

            package init(serialNumber: String, notAfter: String) {
                self.serialNumber = serialNumber
                self.notAfter = notAfter
            }
        }

        /// What new connections get; nil without TLS.
        package var certificate: Certificate?
        /// The settings that have another value since.
        package var changed: [String] = []
        /// Those that are written otherwise than they are in use, until a restart.
        package var needsRestart: [String] = []

        package init() {}
    }

    /// A number about the store.
    package struct StoreFigure: Sendable {
        /// In words with underscores and with its unit, as monitoring systems name figures.
        package let name: String
        package let summary: String
        package let value: Int

        package init(_ name: String, _ summary: String, _ value: Int) {
            self.name = name
            self.summary = summary
            self.value = value
        }

        /// The answer of `GET /store`.
        package static func json(_ figures: [StoreFigure]) -> JSONObject {
            let list = figures.map { figure in
                JSONValue.object(
                    JSONObject(uniqueMembers: [
                        .init(name: "name", value: .string(figure.name)),
                        .init(name: "summary", value: .string(figure.summary)),
                        .init(name: "value", value: .number(JSONNumber(figure.value))),
                    ])
                )
            }
            return JSONObject(uniqueMembers: [.init(name: "figures", value: .array(list))])
        }
    }

    package init(
        check: @escaping @Sendable () async -> [String],
        checkProgress: @escaping @Sendable () -> Int? = { nil },
        reload: @escaping @Sendable () async -> Reload,
        storeFigures: @escaping @Sendable () -> [StoreFigure] = { [] },
        pages: MonitoringPages = .none,
        status: @escaping @Sendable () -> JSONObject = { JSONObject() },
        confirmation: (@Sendable () async -> Bool)? = nil,
        replay: @escaping @Sendable (AuditActor) async -> ReplayOutcome? = { _ in nil },
        beginBackup: @escaping Backups.Begin = { () throws(StoreError) in throw .closed }
    ) {
        self.check = check
        self.checkProgress = checkProgress
        self.reload = reload
        self.storeFigures = storeFigures
        self.pages = pages
        self.status = status
        self.confirmation = confirmation
        self.replay = replay
        self.beginBackup = beginBackup
    }
}
