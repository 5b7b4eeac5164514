import Directory
import DirectoryCheck
import Logging
import Systemd

extension Composition {
    /// How often the log and the service manager are told of rows that are being rebuilt, and how long the manager then waits.
    private static let rebuildingInterval = Duration.seconds(5)
    private static let rebuildingTimeoutSeconds = 120

    /// Rebuilds the rows that follow from records, if an older program has written them; nothing may be served before.
    func rebuildRows(_ notifier: Notifier) async throws {
        let rows = DerivedRows(store: store, environment: .system)
        guard try !rows.areCurrent() else { return }
        var told = ContinuousClock.now
        var last = 0
        try await rows.rebuild { count in
            last = count
            guard ContinuousClock.now - told >= Self.rebuildingInterval else { return }
            told = .now
            log.notice("rebuilding index rows", metadata: ["records": "\(count)"])
            notifier.starting(
                status: "Rebuilding index rows: \(count) records done",
                within: Self.rebuildingTimeoutSeconds
            )
        }
        guard last > 0 else { return }
        log.notice("index rows were rebuilt", metadata: ["records": "\(last)"])
    }
}
