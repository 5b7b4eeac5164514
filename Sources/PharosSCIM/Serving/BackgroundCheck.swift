import Locking
import Logging
import Reactor
import StorageLMDB

/// Checks of the store that operators ask a running server for, one after the other, on a thread of low priority of their own: whatever
/// else waits for such threads need not wait for a check.
final class BackgroundCheck: Sendable {
    private let store: LMDBStore
    private let log: Logger
    private let threads: BackgroundThreads
    private let rows = Locked<Int?>(nil)

    init(of store: LMDBStore, log: Logger) throws {
        self.store = store
        self.log = log
        threads = try BackgroundThreads(loopCount: 1)
    }

    /// How many rows the check has looked at that is under way; nil if none is.
    var rowCount: Int? { rows.withLock { $0 } }

    /// What is wrong, as sentences.
    func run() async -> [String] {
        await threads.run(for: 0) { self.check() } ?? ["too many checks wait already"]
    }

    private func check() -> [String] {
        defer { rows.withLock { $0 = nil } }
        do {
            return try StoreCheck.findings(in: store) { count in self.rows.withLock { $0 = count } }
        } catch {
            log.error("check failed", metadata: ["error": "\(error)"])
            return ["the check could not be carried out: \(error)"]
        }
    }
}
