import Directory
import Storage

/// Verifies a whole store: what the engine keeps by itself, and what the directory keeps in it.
enum StoreCheck {
    /// What is wrong, as sentences; empty if the store is whole.
    ///
    /// `progress` is told how many rows have been compared so far.
    static func findings(in store: any Store, progress: @escaping (Int) -> Void) throws -> [String] {
        let report = try store.withSnapshot { snapshot throws(StoreError) in try StoreChecker.check(snapshot)
        }
        var findings = report.findings.map { "\($0)" }
        if report.isCut { findings.append("more findings of this kind were left out") }
        let checker = DirectoryChecker(store: store, environment: .system)
        findings += try checker.findings(progress: progress)
        return findings
    }
}
