import Audit
import Directory
import DirectoryCheck
import Reactor
import Storage

/// Verifies a whole store: what the engine keeps by itself, and what the directory keeps in it.
enum StoreCheck {
    /// What is wrong, as sentences; empty if the store is whole.
    ///
    /// `progress` is told how many rows have been compared so far.
    static func findings(in store: any Store, progress: @escaping (Int) -> Void) throws -> [String] {
        var rowCount = 0
        let report = try StoreChecker.check(store) { count in
            rowCount += count
            progress(rowCount)
        }
        var findings = report.findings.map { "\($0)" }
        if report.isCut { findings.append("more findings of this kind were left out") }
        findings += try store.withSnapshot { snapshot throws(StoreError) in
            try TrailRowsCheck.findings(snapshot)
        }
        let checker = DirectoryChecker(store: store, environment: .system)
        findings += try checker.findings { progress(rowCount + $0) }
        return findings
    }

    /// Mends what can be mended; the rest stays for ``findings(in:progress:)``.
    ///
    /// Groups that lose a member thereby get their audit records, which name the operator and are delivered when the next server
    /// starts.
    /// - Returns: sentences of what was mended.
    static func repair(_ store: any Store, progress: @escaping (Int) -> Void) async throws -> [String] {
        let report = try StoreChecker.check(store) { _ in }
        let edges = report.findings.compactMap { finding -> Edge? in
            switch finding {
            case .edgeWithoutTwin(let edge), .edgeKindsDiffer(let edge): edge
            default: nil
            }
        }
        let actor = AuditActor.admin(AuditSlug(Host.userName(Host.userID) ?? "\(Host.userID)"))
        let checker = DirectoryChecker(store: store, environment: .system, actor: actor)
        let ledger = Ledger(store: store, gate: AuditGate(), committed: {})
        return try await checker.repair(edges, ledger, progress: progress)
    }
}
