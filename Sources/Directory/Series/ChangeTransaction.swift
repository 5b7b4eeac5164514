import Audit
import SCIM
import Storage

/// Changes of several resources that become durable and visible in one commit.
///
/// ```
/// stage ─► seen by what is staged later ─► stage ─► … ─► commit ─► done
///   ▲                                                      │ conflict with somebody else's change
///   └────────────────── in a new transaction ──────────────┘
/// ```
///
/// For one task at a time.
struct ChangeTransaction: Sendable {
    private let store: StagedStore
    /// Shows the resources as they will be, and stages what is changed through it.
    let directory: ResourceDirectory
    private let recordsCommitted: @Sendable () -> Void

    init(_ directory: ResourceDirectory) {
        store = StagedStore(base: directory.store)
        self.directory = directory.staging(in: store)
        recordsCommitted = directory.recordsCommitted
    }

    /// Bytes of changes after which a commit is worth its cost: more only make others wait for it.
    private static let worthwhileBytes = StorageLimits.changesetBytesMax / 8

    /// Whether enough is staged for a commit; up to ``StorageLimits/changesetBytesMax`` more can be staged.
    var isWorthwhile: Bool { store.byteCount >= Self.worthwhileBytes }

    /// Stages a change; nothing of it if it fails.
    ///
    /// - Returns: what the change comes to once it is committed and ``Commit/settle(_:)`` has told the version.
    /// - Throws: ``DirectoryError/tooLarge(_:)`` if it does not fit into one commit with what is staged already.
    func stage(_ change: ResourceChange) async throws(DirectoryError) -> ChangeOutcome {
        try await directory.perform(change)
    }

    /// Lets what is staged from now on refer to resources that will be created later in this transaction.
    func announce(_ resources: some Sequence<NewResource>) { store.announce(resources.map(\.key)) }

    /// Takes announcements back that nothing staged relies on.
    func revoke(_ resources: some Sequence<NewResource>) { store.revoke(resources.map(\.key)) }

    /// Commits what is staged; nil after a conflict, when all of it must be staged anew in a new transaction.
    func commit() async throws(DirectoryError) -> Commit? {
        guard directory.gate.isAccepting else { throw .auditUnavailable }
        do throws(StoreError) {
            let receipt = try await store.commitStaged()
            if receipt != nil { recordsCommitted() }
            return Commit(version: receipt?.version)
        } catch .conflict {
            return nil
        } catch {
            throw DirectoryError(error)
        }
    }

    /// A commit that was made, or was not needed.
    struct Commit: Sendable {
        let version: CommitVersion?

        /// The outcome with the version that the commit gave.
        func settle(_ outcome: ChangeOutcome) -> ChangeOutcome {
            guard outcome.version == .pending else { return outcome }
            return ChangeOutcome(
                id: outcome.id,
                status: outcome.status,
                hasChanged: outcome.hasChanged,
                version: version,
                changedPaths: outcome.changedPaths,
                ignored: outcome.ignored
            )
        }
    }
}
