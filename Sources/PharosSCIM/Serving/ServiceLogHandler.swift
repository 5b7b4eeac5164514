import JSON
import Logging
import Reactor
import Synchronization
import Systemd

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

/// Writes the operational log: to the journal, if standard error leads there, and else to standard error, for people.
///
/// In the journal a line has its priority, its details as fields beside the text, and the request that it is about under the
/// name that audit records have too. Nobody waits for the journal: what it does not take at once goes to standard error from the level
/// warning on, with the priority in front (sd-daemon(3)), and is only counted below that.
struct ServiceLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let label: String
    /// What somebody has asked of this logger alone.
    private var ownLevel: Logger.Level?

    var logLevel: Logger.Level {
        get { ownLevel ?? LogThreshold.current.level }
        set { ownLevel = newValue }
    }

    /// Nil where standard error does not lead to the journal.
    private static let journal = Host.isJournal(Terminal.error) ? JournalSocket() : nil
    private static let isForJournal = Host.isJournal(Terminal.error)

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = Self.text(event, details)
        let isTaken = Self.journal?.send(Self.fields(event, text, details, label)) ?? false
        let isWorthWaiting = event.level >= .warning || Self.journal == nil
        LogLines.note(event.level, isDropped: !isTaken && !isWorthWaiting)
        guard !isTaken, isWorthWaiting else { return }
        let start =
            Self.isForJournal
            ? "<\(event.level.priority)>"
            : "\(Timestamp(microseconds: Host.microsecondsSince1970()).text) \(event.level) \(label): "
        Host.write("\(start)\(text)\n", to: Terminal.error)
    }

    /// The message with its details, in one line.
    private static func text(
        _ event: LogEvent,
        _ details: [(key: String, value: Logger.MetadataValue)]
    )
        -> String
    {
        let details = details.map { " \($0.key)=\($0.value)" }.joined()
        // A line break would begin a line that somebody else could have written.
        return "\(event.message)\(details)".replacing("\n", with: " ")
    }

    private static func fields(
        _ event: LogEvent,
        _ text: String,
        _ details: [(key: String, value: Logger.MetadataValue)],
        _ label: String
    ) -> [(name: String, value: String)] {
        [
            ("MESSAGE", text), ("PRIORITY", "\(event.level.priority)"), ("SYSLOG_IDENTIFIER", label),
        ] + details.map { (fieldName($0.key), "\($0.value)") }
    }

    private static func fieldName(_ key: String) -> String {
        switch key {
        case "request": "SCIM_REQUEST_ID"
        case "trace": "SCIM_TRACE_ID"
        default:
            "SCIM_LOG_"
                + String(
                    decoding: key.utf8.map { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
                        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                            byte
                        default: UInt8(ascii: "_")
                        }
                    },
                    as: UTF8.self
                )
        }
    }
}

extension Logger.Level {
    /// The level of syslog (RFC 5424 §6.2.1).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
