import JSON
import Logging
import Reactor
import Synchronization

/// The least important lines that a log has.
enum LogThreshold: String, CaseIterable, Sendable {
    case debug, info, notice, warning, error

    static let initial = info

    /// What holds for the process; a reload may change it.
    static var current: LogThreshold {
        get { allCases[number.load(ordering: .relaxed)] }
        set { number.store(allCases.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
    }

    private static let number = Atomic(allCases.firstIndex(of: initial) ?? 0)

    fileprivate var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

/// Writes the log to standard error: for people with the time in front, for the journal with the priority instead.
///
/// The journal keeps the time itself, and takes the priority from `<N>` at the start of a line (sd-daemon(3)).
struct ServiceLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let label: String
    private let isForJournal: Bool
    /// What somebody has asked of this logger alone.
    private var ownLevel: Logger.Level?

    var logLevel: Logger.Level {
        get { ownLevel ?? LogThreshold.current.level }
        set { ownLevel = newValue }
    }

    init(label: String) {
        self.label = label
        isForJournal = Host.isJournal(Terminal.error)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        LogLines.note(event.level)
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        let details = merged.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        // A line break would begin a line that somebody else could have written.
        let text = "\(event.message)\(details)".replacing("\n", with: " ")
        let start =
            isForJournal
            ? "<\(Self.priority(event.level))>"
            : "\(Timestamp(microseconds: Host.microsecondsSince1970()).text) \(event.level) \(label): "
        Host.write("\(start)\(text)\n", to: Terminal.error)
    }

    /// The level of syslog (RFC 5424 §6.2.1).
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
