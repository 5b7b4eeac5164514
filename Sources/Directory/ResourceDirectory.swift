import Audit
import JSON
import SCIM
import Storage
import Tenancy

/// The resources of all tenants: reads from snapshots, changes through one actor per resource.
///
/// Every operation takes a ``TenantAccess``, which only the authenticator makes: there is no way to name another tenant.
package final class ResourceDirectory: Sendable {
    /// What reads see, and where changes go.
    package let store: any Store
    /// Whether what is changed shares a commit with what comes before and after it.
    let isStaging: Bool
    let registry: ResourceRegistry
    package let environment: DirectoryEnvironment
    let ledger: Ledger
    package let membershipLimits: MembershipLimits
    /// Sets of memberships that changes of this process are building.
    let setsInWork: SetsInWork
    /// Whether a PATCH reads, and writes anew, what it does not name too; for tests, which compare the two.
    let readsWholeRecords: Bool

    package init(
        ledger: Ledger,
        registry: ResourceRegistry,
        environment: DirectoryEnvironment,
        membershipLimits: MembershipLimits = MembershipLimits(),
        readsWholeRecords: Bool = false
    ) {
        store = ledger.store
        isStaging = false
        self.ledger = ledger
        self.registry = registry
        self.environment = environment
        self.membershipLimits = membershipLimits
        self.readsWholeRecords = readsWholeRecords
        setsInWork = SetsInWork()
    }

    private init(_ other: ResourceDirectory, stagingIn store: StagedStore) {
        self.store = store
        isStaging = true
        registry = other.registry
        environment = other.environment
        ledger = other.ledger
        membershipLimits = other.membershipLimits
        setsInWork = other.setsInWork
        readsWholeRecords = other.readsWholeRecords
    }

    /// A directory over another store, on the same loops.
    package func twin(_ ledger: Ledger) -> ResourceDirectory {
        ResourceDirectory(
            ledger: ledger,
            registry: ResourceRegistry(executors: registry.executors),
            environment: environment,
            membershipLimits: membershipLimits,
            readsWholeRecords: readsWholeRecords
        )
    }

    /// The directory over a store that collects the changes, so that another commit makes them durable.
    func staging(in store: StagedStore) -> ResourceDirectory { ResourceDirectory(self, stagingIn: store) }
}

extension ResourceDirectory {
    /// Bytes of one commit: keys, values and audit records.
    package static let commitBytesMax = StorageLimits.changesetBytesMax

    /// Members that a change removes one by one at most, where it shares a commit: two rows each.
    package static let stagedRemovalsMax = StagedStore.deletionsMax / 2

    /// Whether the audit trail takes records, so that changes can be made.
    package var isAccepting: Bool { ledger.isAccepting }

    /// The number of the tenant of this name; for the audit trail and the tenant's activity only, never for an answer.
    package func tenantNumber(of name: String) -> UInt32? {
        guard Tenant.isValidName(name) else { return nil }
        let found = try? store.withSnapshot { snapshot throws(StoreError) in try snapshot.tenant(named: name)
        }
        return found?.number
    }
}

extension ResourceDirectory {
    /// A new id for a resource that is to be created.
    package func makeID() -> UniqueID {
        .timeOrdered(
            milliseconds: environment.now().microseconds / 1000,
            randomness: environment.randomness()
        )
    }

    /// Tries again until nothing comes between, a bounded number of times.
    package func retrying<R>(
        _ attempt: () async throws(DirectoryError) -> R?
    ) async throws(DirectoryError) -> R {
        for _ in 0...ResourceActor.conflictRetriesMax {
            if let result = try await attempt() { return result }
        }
        throw .busy
    }
}
