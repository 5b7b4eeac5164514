import JSON
import Storage
import Tenancy

extension Notebook {
    /// How long notes of activity are kept in memory, where a crash loses them, before they are stored.
    ///
    /// Not shorter, because every commit lets go of all credentials that are kept.
    package static let activityInterval = Duration.seconds(60)

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

    /// Where a tenant's exchanges are noted, for who notes many that are alike; nil if there are too many tenants.
    package func place(of number: UInt32, _ name: String) -> TenantNotes? {
        activity.notes(number, name, at: environment.now())
    }

    /// Notes an exchange that is like another but for its time and its request, at the place of its tenant if that is still there.
    package func note(
        _ exchange: ActivityExchange,
        again time: Timestamp,
        _ requestID: UniqueID,
        at place: TenantNotes?,
        of number: UInt32,
        _ name: String
    ) {
        let add = { (activity: inout TenantActivity, sequence: inout UInt64) in
            sequence += 1
            activity.note(
                exchange,
                ActivityExchange.Again(sequence: sequence, time: time, requestID: requestID)
            )
        }
        if place?.note(add) != true { activity.note(number, name, at: time, add) }
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

    /// Counts what a change of a tenant's resources did.
    package func count(_ counts: ActivityCounts, _ access: TenantAccess) {
        guard !counts.isEmpty else { return }
        let now = environment.now()
        activity.note(access.tenant.number, access.tenant.name, at: now) { activity, _ in
            activity.count(counts, at: now)
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
            try await store(activity.takeAll()) { activity.giveBack($0, at: environment.now()) }
        }
    }
}

extension ActivityNotes.OfTenant: RowNotes {
    var key: Key { Keys.activity(ofTenant: number) }

    /// A damaged row is as good as none.
    func row(adding stored: [UInt8]?, at now: Timestamp) -> [UInt8]? {
        var all = stored.flatMap { TenantActivity(row: $0.span) } ?? TenantActivity()
        all.add(activity)
        all.forgetHours(before: now)
        return all.encoded
    }
}
