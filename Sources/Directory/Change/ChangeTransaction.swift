import Audit
import SCIM
import Storage
import Tenancy

/// Changes of several resources that become durable and visible in one commit.
///
/// ```
/// stage ─► seen by what is staged later ─► stage ─► … ─► commit ─► done
///   ▲                                                      │ conflict with somebody else's change
///   └────────────────── in a new transaction ──────────────┘
/// ```
///
/// For one task at a time. What comes next may be staged over a transaction that is being committed (``next()``), and counts for
/// nothing if that meets a conflict.
package struct ChangeTransaction: Sendable {
    private let store: StagedStore
    /// Shows the resources as they will be, and stages what is changed through it.
    package let directory: ResourceDirectory
    private let ledger: Ledger
    /// Where the changes are committed.
    private let target: any Store

    package init(_ directory: ResourceDirectory) { self.init(directory, target: directory.store) }

    private init(_ directory: ResourceDirectory, target: any Store) {
        store = StagedStore(base: directory.store)
        self.directory = directory.staging(in: store)
        self.target = target
        ledger = directory.ledger
    }

    /// One that sees what is staged in this one, in which nothing more may be staged; to be committed after this one has been, and
    /// ``settle()``.
    package func next() -> ChangeTransaction { ChangeTransaction(directory, target: target) }

    /// Notes that the transaction before this one has been committed.
    package func settle() { store.settle(on: target) }

    /// Bytes of changes after which a commit is worth its cost, those of about 150 users: more only make others wait for it.
    private static let worthwhileBytes = StorageLimits.changesetBytesMax / 16

    /// How much is staged, in bytes.
    package var byteCount: Int { store.byteCount }

    /// Whether enough is staged for a commit; up to ``StorageLimits/changesetBytesMax`` more can be staged.
    package var isWorthwhile: Bool { byteCount >= Self.worthwhileBytes }

    /// Stages a change; nothing of it if it fails, but that it fails rests on what the commit makes sure of.
    ///
    /// - Returns: what the change comes to once it is committed.
    /// - Throws: ``DirectoryError/tooLarge(_:)`` if it does not fit into one commit with what is staged already.
    package func stage(_ change: Change) async throws(DirectoryError) -> ChangeOutcome {
        store.beginChange()
        do throws(DirectoryError) { return try await directory.perform(change) } catch {
            guard store.keepReads() else {
                throw .tooLarge(
                    "What the refusal rests on does not fit into one commit with the other changes."
                )
            }
            throw error
        }
    }

    /// Lets what is staged from now on refer to resources that will be created later in this transaction.
    func announce(_ resources: some Sequence<NewResource>) { store.announce(resources.map(\.key)) }

    /// Takes announcements back that nothing staged relies on.
    func revoke(_ resources: some Sequence<NewResource>) { store.revoke(resources.map(\.key)) }

    /// Makes a condition of the commit; false if it does not hold already.
    package func require(_ condition: Precondition) async throws(DirectoryError) -> Bool {
        var conditions = Changeset()
        conditions.preconditions = [condition]
        do throws(StoreError) {
            _ = try await store.commit(conditions)
            return true
        } catch .conflict {
            return false
        } catch {
            throw DirectoryError(error)
        }
    }

    /// Whether what was read for what is staged is still so: a refusal of another change beside it may rest on something newer.
    func stillHolds() throws(DirectoryError) -> Bool {
        do throws(StoreError) { return try store.stillHolds() } catch { throw DirectoryError(error) }
    }

    /// Commits what is staged; false after a conflict, when all of it must be staged anew in a new transaction.
    package func commit() async throws(DirectoryError) -> Bool {
        guard let changeset = store.changeset else { return try stillHolds() }
        do throws(LedgerError) {
            try await ledger.commit(changeset)
            return true
        } catch .conflict {
            return false
        } catch {
            throw DirectoryError(error)
        }
    }
}
