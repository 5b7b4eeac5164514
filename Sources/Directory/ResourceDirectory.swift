import Audit
import JSON
import SCIM
import Storage

/// The resources of all tenants: reads from snapshots, changes through one actor per resource.
///
/// Every operation takes a ``TenantAccess``, which only the authenticator makes: there is no way to name another tenant.
package struct ResourceDirectory: Sendable {
    package private(set) var store: any Store
    /// Whether what is changed shares a commit with what comes before and after it.
    private(set) var isStaging = false
    let registry: ResourceRegistry
    let environment: DirectoryEnvironment
    let gate: AuditGate
    let sortMemory = SortMemory()
    let cursorKeyCache = CursorKeyCache()
    let ignoredNotes = IgnoredNotes()
    /// Called after each commit that added an audit record.
    private(set) var recordsCommitted: @Sendable () -> Void

    package init(
        store: any Store,
        registry: ResourceRegistry,
        environment: DirectoryEnvironment,
        gate: AuditGate,
        recordsCommitted: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.registry = registry
        self.environment = environment
        self.gate = gate
        self.recordsCommitted = recordsCommitted
    }

    /// The directory over a store that collects the changes, so that another commit makes them durable.
    func staging(in store: StagedStore) -> ResourceDirectory {
        var directory = self
        directory.store = store
        directory.isStaging = true
        directory.recordsCommitted = {}
        return directory
    }
}

extension ResourceDirectory {
    /// Bytes of one commit: keys, values and audit records.
    package static let commitBytesMax = StorageLimits.changesetBytesMax

    /// Memberships that end with one deletion at most, where it shares a commit: two rows each.
    package static let membershipsEndedMax = StagedStore.deletionsMax / 2

    /// Whether the audit trail takes records, so that changes can be made.
    package var isAccepting: Bool { gate.isAccepting }

    /// Whether a tenant of this name exists; for the audit trail only, never for an answer.
    package func isTenant(_ name: String) -> Bool {
        (try? store.withSnapshot { snapshot throws(StoreError) in try snapshot.tenant(named: name) }) != nil
    }
}

/// Who changes what, and how the change will be answered.
package struct ChangeContext: Sendable {
    package let access: TenantAccess
    package let kind: ResourceKind
    /// The Tenant URL without a slash at its end.
    package let baseURL: String
    /// Where the request came from; nil if there was none.
    package let origin: AuditOrigin?
    package let condition: VersionCondition
    /// Whether the answer may show the resource.
    package let isAnswered: Bool
    /// The status of a successful answer, for the audit record: it may depend on how many members the group has.
    package let successStatus: @Sendable (_ members: Int) -> UInt16

    package init(
        access: TenantAccess,
        kind: ResourceKind,
        baseURL: String,
        origin: AuditOrigin?,
        condition: VersionCondition,
        isAnswered: Bool = false,
        successStatus: @escaping @Sendable (_ members: Int) -> UInt16
    ) {
        self.access = access
        self.kind = kind
        self.baseURL = baseURL
        self.origin = origin
        self.condition = condition
        self.isAnswered = isAnswered
        self.successStatus = successStatus
    }

    var tenant: UInt32 { access.tenant.number }
}

/// What a client demands of the version it is about to change (RFC 7644 §3.14, RFC 9110 §13.1).
package enum VersionCondition: Sendable, Equatable {
    case none
    /// `If-Match: *` or a list of tags; a tag that this server never made matches nothing.
    case ifMatch(any: Bool, versions: [CommitVersion])
    /// `If-None-Match`, for changes: fails where it matches.
    case ifNoneMatch(any: Bool, versions: [CommitVersion])

    func allows(_ version: CommitVersion) -> Bool {
        switch self {
        case .none: true
        case .ifMatch(let any, let versions): any || versions.contains(version)
        case .ifNoneMatch(let any, let versions): !any && !versions.contains(version)
        }
    }
}

/// A change that is durable, or a request that turned out to change nothing.
package struct ChangeOutcome: Sendable {
    package let id: UniqueID
    package let status: UInt16
    /// False if the resource was already as the request wants it.
    package let hasChanged: Bool
    /// The version after the change, as clients see it; nil after a deletion, and if others may have had a part in it.
    package let version: CommitVersion?
    /// The resource as it was then; nil if the answer does not show it.
    package var resource: ChangedResource?
    /// The paths of the attributes that are other than before, members apart.
    package var changedPaths: [String] = []
    /// The attributes of the request that no schema defines, as it spelled them.
    package var ignored: [AttributePath] = []
}

/// A resource as it was when a change was computed.
struct CurrentResource {
    let id: UniqueID
    let record: ResourceRecord
    /// The record's row and its version.
    let recordKey: Key
    let recordVersion: CommitVersion
    /// The version that clients see, and the row that carries it.
    let version: CommitVersion
    let versionKey: Key
    /// When it last changed, its members included.
    let lastModified: Timestamp
}

extension ResourceDirectory {
    /// How many members a group may have for its whole list to be counted and answered after a change.
    package static let membersAnsweredMax = 100

    func load(
        _ id: UniqueID,
        _ context: ChangeContext,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> CurrentResource {
        let kind = context.kind
        let recordKey = Keys.record(context.tenant, kind.code, id)
        let found = try snapshot.row(recordKey) { row, version in
            (ResourceRecord(row: row, type: kind.type), version)
        }
        guard let found else { throw .notFound }
        guard let record = found.0 else { throw .storage(.corrupt("record \(id.text)")) }
        let stampKey = Keys.stamp(context.tenant, kind.code, id)
        let stamp =
            kind.membersAttribute == nil
            ? nil : try snapshot.row(stampKey) { row, version in (version: version, time: Stamp.time(row)) }
        let current = CurrentResource(
            id: id,
            record: record,
            recordKey: recordKey,
            recordVersion: found.1,
            version: stamp?.version ?? found.1,
            versionKey: stamp == nil ? recordKey : stampKey,
            lastModified: stamp?.time ?? record.lastModified
        )
        guard context.condition.allows(current.version) else { throw .versionMismatch }
        return current
    }

    func renderer(_ context: ChangeContext) -> ResourceRenderer {
        ResourceRenderer(
            tenant: context.tenant,
            kinds: context.access.kinds,
            kind: context.kind,
            baseURL: context.baseURL,
            projection: .identity
        )
    }

    /// Commits once.
    ///
    /// Nil if the resource has changed since it was read, so that the change must be computed again.
    func commit(_ resource: ResourceChangeset) async throws(DirectoryError) -> CommitReceipt? {
        guard gate.isAccepting else { throw .auditUnavailable }
        do throws(StoreError) {
            let receipt = try await store.commit(resource.changeset)
            recordsCommitted()
            return receipt
        } catch .conflict(let index) {
            if let attribute = resource.uniqueness[index] {
                throw .rejected(
                    SCIMError(
                        .uniqueness,
                        "The value of \(attribute.path) is already taken by another resource of this tenant."
                    )
                )
            }
            return nil
        } catch {
            throw DirectoryError(error)
        }
    }

    /// Makes sure that what a request found nothing to change in is still so when what shares its commit is made; a request
    /// alone was right when it looked.
    ///
    /// - Returns: false if it has changed already.
    func hold(_ resource: ResourceChangeset) async throws(DirectoryError) -> Bool {
        guard isStaging else { return true }
        var guards = Changeset()
        guards.preconditions = resource.changeset.preconditions
        do throws(StoreError) {
            _ = try await store.commit(guards)
            return true
        } catch .conflict {
            return false
        } catch {
            throw DirectoryError(error)
        }
    }

    /// Computes and commits a change until no other change comes between, a bounded number of times.
    func retrying<R>(
        _ members: [MemberChange] = [],
        _ attempt: () async throws(DirectoryError) -> R?
    ) async throws(DirectoryError) -> R {
        let named = members.reduce(0) { $0 + $1.namedCount }
        for _ in 0...ResourceActor.retriesMax(namedMembers: named) {
            if let result = try await attempt() { return result }
        }
        throw .busy
    }
}

// MARK: - Create

extension ResourceDirectory {
    /// A new id for a resource that is to be created.
    package func makeID() -> UniqueID { makeID(environment.now()) }

    private func makeID(_ now: Timestamp) -> UniqueID {
        .timeOrdered(milliseconds: now.microseconds / 1000, randomness: environment.randomness())
    }

    /// Creates a resource (RFC 7644 §3.3).
    ///
    /// `id`: one of ``makeID()``, if it must be known beforehand.
    /// - Throws: ``DirectoryError/rejected(_:)`` with `uniqueness` if a unique value is taken, with `invalidValue`
    ///   if a member does not exist.
    package func create(
        _ decoded: DecodedResource,
        id: UniqueID? = nil,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome {
        let now = environment.now()
        let id = id ?? makeID(now)
        return try await registry.withActor(tenant: context.tenant, kind: context.kind.code, id: id) {
            actor throws(DirectoryError) in
            try await actor.exclusively { _ throws(DirectoryError) in
                try await retrying([.add(decoded.members ?? MemberIDs())]) { () throws(DirectoryError) in
                    try await create(decoded, id: id, now: now, context)
                }
            }
        }
    }

    private func create(
        _ decoded: DecodedResource,
        id: UniqueID,
        now: Timestamp,
        _ context: ChangeContext
    ) async throws(DirectoryError) -> ChangeOutcome? {
        var run = membership(id, [.add(decoded.members ?? MemberIDs())], context, isNew: true)
        try await finish(&run)
        let members = run.delta
        var changes = ResourceChangeset(id, context, environment)
        changes.create(ResourceRecord(created: now, lastModified: now, resource: decoded.resource))
        changes.change(members)
        let status = context.successStatus(run.memberCount)
        let paths = changedPaths(
            from: Resource(stored: JSONObject(), type: context.kind.type),
            to: decoded.resource,
            type: context.kind.type
        )
        changes.append(
            record(
                .create,
                context,
                id,
                status: status,
                paths: paths,
                members: members,
                versions: .made,
                ignored: decoded.ignored.count
            )
        )
        guard try await commit(changes) != nil else { return nil }
        return ChangeOutcome(
            id: id,
            status: status,
            hasChanged: true,
            version: changes.version,
            resource: changes.row.flatMap { row in
                guard context.isAnswered else { return nil }
                let list = run.memberCount <= Self.membersAnsweredMax ? members.members(after: []) : nil
                return ChangedResource(row: row, version: changes.version, lastModified: now, members: list)
            },
            changedPaths: paths,
            ignored: members.ignored(beside: decoded.ignored)
        )
    }
}
