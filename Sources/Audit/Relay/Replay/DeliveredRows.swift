package import Storage

/// Visits rows that the store no longer shows but still has somewhere, in their order: those before an order, until the body has enough.
package typealias OlderRows =
    @Sendable (_ before: UInt64, _ body: (LogRow) -> ScanStep) throws(StoreError) -> Void

/// The rows that were delivered and are still there.
struct DeliveredRows {
    /// How old a row may be, against the newest one, to be looked for.
    private static let ageMax: Int64 = 24 * 60 * 60 * 1_000_000

    /// Those in the store: the last ones in front of the pointer, as many as always stay, and none that is much older than the others.
    let recent: [LogRow]
    private var older: OlderRows?
    /// When the first of them was committed, in microseconds since 1970; 0 if there is none.
    private(set) var since: Int64

    init(_ outbox: AuditOutbox, through pointer: UInt64, _ configuration: AuditRelay.Configuration) {
        let kept = configuration.retainedRowsMin
        // An error of the store is for its other users to tell of.
        let rows =
            (try? outbox.rows(after: pointer > kept ? pointer - kept : 0, limit: Int(clamping: kept))) ?? []
        let newest = rows.last { $0.order <= pointer }?.timeMicroseconds ?? 0
        recent = rows.filter { $0.order <= pointer && $0.timeMicroseconds >= newest - Self.ageMax }
        since = recent.first?.timeMicroseconds ?? 0
    }

    /// Goes back to rows that the store no longer shows.
    ///
    /// - Returns: whether there are any.
    mutating func addOlder(from older: @escaping OlderRows) -> Bool {
        guard let first = recent.first else { return false }
        var time: Int64?
        try? older(first.order) { row in
            time = row.timeMicroseconds
            return .stop
        }
        guard let time else { return false }
        self.older = older
        since = time
        return true
    }

    /// Visits all of them in their order.
    func visit(_ body: (LogRow) -> ScanStep) {
        var isEnough = false
        if let older, let first = recent.first {
            // What is damaged there is missing, and the rows behind it are anchored to what the journal has.
            try? older(first.order) { row in
                let step = body(row)
                isEnough = step == .stop
                return step
            }
        }
        for row in recent where !isEnough { isEnough = body(row) == .stop }
    }
}

extension AuditRecordID {
    init(_ row: LogRow) { self.init(stream: row.stream, sequence: row.sequence) }
}
