internal import JSON
package import Storage

/// The log as the relay sees it: rows up to the delivered pointer are in the journal, those after it are not yet.
///
///     trimmed …│ delivered, kept for a day │ undelivered │
///              trimmedThrough              pointer       order
package struct AuditOutbox: Sendable {
    let store: any Store

    /// Keys that begin with this byte belong to the audit trail.
    package static let keySpace: UInt8 = 0xF0
    static let pointerKey = Key([keySpace, 0x01])

    package init(store: any Store) { self.store = store }

    /// How far the log goes, and what waits.
    struct Extent {
        var delivered: UInt64
        var order: UInt64
        /// When the oldest undelivered row was committed.
        var oldest: Timestamp?

        var undelivered: UInt64 { order > delivered ? order - delivered : 0 }
    }

    /// The order of the last row known to be in the journal, as it was stored last.
    package func storedPointer() throws(StoreError) -> UInt64 {
        try store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.read(AuditOutbox.pointerKey) { value, _ in
                value.count == 8 ? value.bigEndian64(at: 0) : 0
            } ?? 0
        }
    }

    /// How many rows wait behind the stored pointer.
    package func undeliveredCount() throws(StoreError) -> UInt64 {
        try extent(delivered: storedPointer()).undelivered
    }

    func extent(delivered: UInt64) throws(StoreError) -> Extent {
        try store.withSnapshot { snapshot throws(StoreError) in
            var extent = Extent(delivered: delivered, order: try snapshot.state().order)
            extent.oldest =
                try snapshot.read(LogKeys.row(order: delivered + 1)) { value, version in
                    LogRow(key: LogKeys.row(order: delivered + 1).bytes.span, value: value, version: version)
                        .map { Timestamp(microseconds: $0.timeMicroseconds) }
                } ?? nil
            return extent
        }
    }

    /// The next rows after an order, in order.
    func rows(after order: UInt64, limit: Int) throws(StoreError) -> [LogRow] {
        try store.withSnapshot { snapshot throws(StoreError) in
            var rows: [LogRow] = []
            try snapshot.scan(prefix: LogKeys.rows, from: LogKeys.row(order: order + 1)) {
                key,
                value,
                version in
                guard let row = LogRow(key: key, value: value, version: version) else { return .more }
                rows.append(row)
                return rows.count < limit ? .more : .stop
            }
            return rows
        }
    }

    /// The last row that may go: old enough, delivered, and followed by enough younger ones; nil if none may.
    ///
    /// Of the last rows, as many as `keeping` says at most, those stay that were committed at the time `before` or later, and in any case as
    /// many as it says at least; at most `limit` are looked at.
    func lastPrunable(
        delivered: UInt64,
        before: Timestamp,
        keeping: ClosedRange<UInt64>,
        limit: Int
    ) throws(StoreError) -> UInt64? {
        try store.withSnapshot { snapshot throws(StoreError) in
            let state = try snapshot.state()
            let end = min(delivered, state.order > keeping.lowerBound ? state.order - keeping.lowerBound : 0)
            guard state.trimmedThrough < end else { return nil }
            var last: UInt64?
            var seen = 0
            try snapshot.scan(prefix: LogKeys.rows, from: LogKeys.row(order: state.trimmedThrough + 1)) {
                key,
                value,
                version in
                guard let row = LogRow(key: key, value: value, version: version), row.order <= end,
                    row.timeMicroseconds < before.microseconds
                        || row.order + keeping.upperBound <= state.order
                else { return .stop }
                last = row.order
                seen += 1
                return seen < limit ? .more : .stop
            }
            return last
        }
    }

    /// Moves the pointer with the heads of the streams' chains, and deletes old rows behind it.
    ///
    /// `heads`: where the streams end whose records lie behind the last pointer.
    static func advance(
        to order: UInt64,
        heads: [String: ChainHead],
        pruningThrough: UInt64?,
        limit: Int
    ) -> Changeset {
        var changeset = Changeset()
        // On a full disk too: what is delivered gives room back.
        changeset.usesReserve = true
        var value: [UInt8] = []
        value.appendBigEndian(order)
        changeset.mutations = [.put(pointerKey, value)]
        // In one commit: from here on a restart seals the records behind the pointer again, to the same hashes.
        for (stream, head) in heads {
            changeset.mutations.append(.put(ChainHead.key(stream: stream), head.value))
        }
        if let pruningThrough { changeset.mutations.append(.trimLog(through: pruningThrough, limit: limit)) }
        return changeset
    }
}
