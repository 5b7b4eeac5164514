package import JSON
package import Storage

extension AuditOutbox {
    /// Rows that are looked at for one request.
    package static let rowsOfRequestMax = 4_096
    /// How far a record's time may be from that of its request, in microseconds: refusals are recorded a little later.
    private static let distanceMax: Int64 = 2_000_000

    /// The number, in its stream, of the first record of a request that was answered at a time.
    ///
    /// Nil if the request left none, if it is one of several that share a record, or if the record is no longer kept here. Looks
    /// the time up first, since rows lie in its order, and then at ``rowsOfRequestMax`` rows at most.
    package func sequence(
        ofRequest id: String,
        in stream: String,
        near time: Timestamp
    ) throws(StoreError) -> UInt64? {
        try store.withSnapshot { snapshot throws(StoreError) in
            let state = try snapshot.state()
            guard state.order > state.trimmedThrough else { return nil }
            // The first row that is not too early is in low...high, or is high.
            var (low, high) = (state.trimmedThrough + 1, state.order + 1)
            while low < high {
                let middle = low + (high - low) / 2
                let key = LogKeys.row(order: middle)
                let found = try snapshot.read(key) { value, version in
                    LogRow(key: key.bytes.span, value: value, version: version)?.timeMicroseconds
                }
                guard let found = found ?? nil, found < time.microseconds - Self.distanceMax else {
                    high = middle
                    continue
                }
                low = middle + 1
            }
            var sequence: UInt64?
            var seen = 0
            try snapshot.scan(prefix: LogKeys.rows, from: LogKeys.row(order: low)) { key, value, version in
                seen += 1
                guard let row = LogRow(key: key, value: value, version: version),
                    row.timeMicroseconds <= time.microseconds + Self.distanceMax,
                    seen <= Self.rowsOfRequestMax
                else { return .stop }
                guard row.stream == stream, Self.isOf(request: id, row) else { return .more }
                sequence = row.sequence
                return .stop
            }
            return sequence
        }
    }

    private static func isOf(request id: String, _ row: LogRow) -> Bool {
        var isOf = false
        _ = AuditPayload.read(row.payload.span) { field, place in
            if field == .requestID { isOf = row.payload[place].elementsEqual(id.utf8) }
        }
        return isOf
    }
}
