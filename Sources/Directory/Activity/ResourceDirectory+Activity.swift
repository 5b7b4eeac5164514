import JSON
import Storage
import Tenancy

extension ResourceDirectory {
    /// How long notes of activity are kept in memory, where a crash loses them, before they are stored.
    ///
    /// Not shorter, because every commit lets go of all credentials that are kept.
    package static let activityInterval = Duration.seconds(60)

    /// Tenants whose rows one commit writes: a megabyte at most.
    private static let activitiesPerCommitMax = 32

    /// Notes an exchange of a tenant.
    ///
    /// `detail` and `resource`: what is kept of it if it is a failure.
    package func note(
        _ exchange: consuming ActivityExchange,
        of number: UInt32,
        _ name: String,
        detail: UInt8 = 0,
        resource: UniqueID? = nil
    ) {
        var exchange = exchange
        activity.note(number, name, at: exchange.time) { activity, sequence in
            sequence += 1
            exchange.sequence = sequence
            activity.note(exchange)
            guard exchange.isFailure else { return }
            activity.note(ActivityFailure(exchange, detail: detail, resource: resource), isOperation: false)
        }
    }

    /// Notes the failure of an operation of a bulk request.
    package func noteOperation(_ failure: ActivityFailure, of number: UInt32, _ name: String) {
        activity.note(number, name, at: failure.exchange.time) { activity, sequence in
            sequence += 1
            var failure = failure
            failure.exchange.sequence = sequence
            activity.note(failure, isOperation: true)
        }
    }

    /// Counts a change of a tenant's resources.
    package func count(_ effect: ChangeEffect, _ access: TenantAccess) {
        guard !effect.isEmpty else { return }
        let now = environment.now()
        activity.note(access.tenant.number, access.tenant.name, at: now) { activity, _ in
            activity.count(effect.counts, at: now)
        }
    }

    /// What is known of a tenant's activity, up to the last request.
    ///
    /// A damaged row is as good as none: the next note replaces it.
    package func activity(of tenant: Tenant) async throws(DirectoryError) -> TenantActivity {
        try await activityTurn.exclusively { () throws(DirectoryError) in
            let key = Keys.activity(ofTenant: tenant.number)
            let stored = try store.reading { snapshot throws(DirectoryError) in
                try snapshot.row(key) { row, _ in TenantActivity(row: row) }
            }
            var all = (stored ?? nil) ?? TenantActivity()
            if let notes = activity.activity(of: tenant.number) { all.add(notes) }
            all.forgetHours(before: environment.now())
            return all
        }
    }

    /// Waits until a tenant has an exchange with a higher number, at most for a time.
    ///
    /// - Throws: ``DirectoryError/busy`` if too many wait already.
    package func waitForActivity(
        of tenant: Tenant,
        after sequence: UInt64,
        for limit: Duration
    ) async throws(DirectoryError) {
        let now = environment.now()
        guard await activity.wait(tenant.number, tenant.name, after: sequence, for: limit, at: now) else {
            throw .busy
        }
    }

    /// Moves the notes of activity to the tenants' rows; what cannot be stored stays in memory.
    package func storeActivity() async throws(DirectoryError) {
        try await activityTurn.exclusively { () throws(DirectoryError) in
            var rest = activity.takeAll()[...]
            while !rest.isEmpty {
                let part = rest.prefix(Self.activitiesPerCommitMax)
                do throws(DirectoryError) {
                    try await retrying { () throws(DirectoryError) in try await storeActivityOnce(part) }
                } catch {
                    for notes in rest { activity.giveBack(notes, at: environment.now()) }
                    throw error
                }
                rest = rest.dropFirst(part.count)
            }
        }
    }

    /// Nil if somebody else has changed a row meanwhile.
    private func storeActivityOnce(
        _ part: ArraySlice<ActivityNotes.OfTenant>
    ) async throws(DirectoryError) -> Void? {
        var changes = Changeset()
        let now = environment.now()
        try store.reading { snapshot throws(DirectoryError) in
            for notes in part { try Self.add(notes, to: &changes, snapshot, at: now) }
        }
        guard !changes.mutations.isEmpty else { return () }
        do throws(StoreError) { _ = try await store.commit(changes) } catch .conflict {
            return nil
        } catch {
            throw DirectoryError(error)
        }
        return ()
    }

    /// Notes about a tenant that is gone are dropped.
    private static func add(
        _ notes: ActivityNotes.OfTenant,
        to changes: inout Changeset,
        _ snapshot: borrowing Snapshot,
        at now: Timestamp
    ) throws(DirectoryError) {
        let tenantKey = Keys.tenant(notes.name)
        let tenant = try snapshot.row(tenantKey) { row, version in
            (number: Tenant(name: notes.name, row: row)?.number, version: version)
        }
        guard let tenant, tenant.number == notes.number else { return }
        let key = Keys.activity(ofTenant: notes.number)
        let stored = try snapshot.row(key) { row, version in
            (activity: TenantActivity(row: row), version: version)
        }
        var activity = (stored?.activity ?? nil) ?? TenantActivity()
        activity.add(notes.activity)
        activity.forgetHours(before: now)
        changes.preconditions += [
            .version(tenantKey, tenant.version), stored.map { .version(key, $0.version) } ?? .absent(key),
        ]
        changes.mutations.append(.put(key, activity.encoded))
    }
}
