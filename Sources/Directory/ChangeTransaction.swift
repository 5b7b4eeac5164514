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
package struct ChangeTransaction: Sendable {
    private let store: StagedStore
    /// Shows the resources as they will be, and stages what is changed through it.
    let directory: ResourceDirectory
    private let recordsCommitted: @Sendable () -> Void

    package init(_ directory: ResourceDirectory) {
        store = StagedStore(base: directory.store)
        self.directory = directory.staging(in: store)
        recordsCommitted = directory.recordsCommitted
    }

    /// How much of ``StorageLimits/changesetBytesMax`` is taken.
    package var byteCount: Int { store.byteCount }

    /// Stages changes in their order, all or none; yields between them.
    ///
    /// - Returns: what the changes come to once they are committed and ``Commit/settle(_:)`` has told the version.
    package func stage(_ changes: [ResourceChange]) async throws(FailedChange) -> [ChangeOutcome] {
        let savepoint = changes.count > 1 ? store.savepoint() : nil
        if changes.count > 1 { store.announce(changes.compactMap(\.createdKey)) }
        var outcomes: [ChangeOutcome] = []
        outcomes.reserveCapacity(changes.count)
        for (index, change) in changes.enumerated() {
            if index > 0 { await Task.yield() }
            do throws(DirectoryError) {
                outcomes.append(try await directory.perform(change))
            } catch {
                if let savepoint { store.restore(savepoint) }
                throw FailedChange(index: index, error: error)
            }
        }
        return outcomes
    }

    /// Commits what is staged; nil after a conflict, when all of it must be staged anew in a new transaction.
    package func commit() async throws(DirectoryError) -> Commit? {
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
    package struct Commit: Sendable {
        let version: CommitVersion?

        /// The outcome with the version that the commit gave.
        package func settle(_ outcome: ChangeOutcome) -> ChangeOutcome {
            guard outcome.version == .pending else { return outcome }
            return ChangeOutcome(
                id: outcome.id,
                status: outcome.status,
                hasChanged: outcome.hasChanged,
                version: version,
                changedPaths: outcome.changedPaths
            )
        }
    }
}
