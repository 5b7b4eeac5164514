// The row: a byte for the format; exchanges, failures and tokens, each behind a byte with their number; hours from the newest on, as
// many as have room, behind two bytes with their number. A token has the time of its first use since format 2. Counts are in groups of seven bits, as most of them are small.

import Audit
import JSON
import SCIM
import Storage

extension TenantActivity {
    /// Bytes of a row; where they do not suffice, the oldest hours are left out.
    package static let rowBytesMax = 32_768
    private static let format: UInt8 = 2
    private static let firstFormat: UInt8 = 1
    /// Bytes of an hour at most: its number, which counters it has, and five for each of them.
    private static let hourBytesMax = 4 + 2 + 5 * 16

    package var encoded: [UInt8] {
        var row: [UInt8] = [Self.format]
        row.reserveCapacity(8_192)
        row.append(UInt8(exchanges.count))
        for exchange in exchanges { row.append(exchange) }
        row.append(UInt8(failures.count))
        for failure in failures {
            row.append(failure.exchange)
            row.append(failure.detail)
            row.append(failure.resource == nil ? 0 : 1)
            failure.resource?.append(bytesTo: &row)
        }
        row.append(UInt8(tokens.count))
        for use in tokens {
            row.appendShort(use.tokenID)
            row.appendBigEndian(use.first.microseconds)
            row.appendBigEndian(use.time.microseconds)
            row.append(use.client.map(\.rawValue) ?? .max)
        }
        var kept: [UInt8] = []
        var keptCount: UInt16 = 0
        for hour in hours.reversed() {
            guard row.count + 2 + kept.count + Self.hourBytesMax <= Self.rowBytesMax else { break }
            kept.append(hour)
            keptCount += 1
        }
        row.appendBigEndian(keptCount)
        return row + kept
    }

    /// Nil if the row is damaged.
    package init?(row: Span<UInt8>) {
        self.init()
        var reader = RowReader()
        guard row.count <= Self.rowBytesMax, let format = reader.integer(UInt8.self, in: row),
            (Self.firstFormat...Self.format).contains(format),
            let exchangeCount = reader.integer(UInt8.self, in: row)
        else { return nil }
        for _ in 0..<exchangeCount {
            guard let exchange = reader.exchange(in: row) else { return nil }
            append(exchange)
        }
        guard let failureCount = reader.integer(UInt8.self, in: row) else { return nil }
        for _ in 0..<failureCount {
            guard let exchange = reader.exchange(in: row), let detail = reader.integer(UInt8.self, in: row),
                let hasResource = reader.integer(UInt8.self, in: row), hasResource <= 1
            else { return nil }
            var resource: UniqueID?
            if hasResource == 1 {
                guard let id = reader.id(in: row) else { return nil }
                resource = id
            }
            append(ActivityFailure(exchange, detail: detail, resource: resource))
        }
        guard let tokenCount = reader.integer(UInt8.self, in: row), tokenCount <= Self.tokensMax else {
            return nil
        }
        for _ in 0..<tokenCount {
            guard let id = reader.short(in: row), let first = reader.integer(Int64.self, in: row),
                let time = format == Self.firstFormat ? first : reader.integer(Int64.self, in: row),
                let client = reader.integer(UInt8.self, in: row)
            else { return nil }
            use(
                TokenUse(
                    tokenID: id,
                    first: Timestamp(microseconds: first),
                    time: Timestamp(microseconds: time),
                    client: ClientProduct(rawValue: client)
                )
            )
        }
        guard let hourCount = reader.integer(UInt16.self, in: row), hourCount <= Self.hoursMax else {
            return nil
        }
        for _ in 0..<hourCount {
            guard let hour = reader.hour(in: row) else { return nil }
            add(hour.counts, to: hour.number)
        }
        guard reader.offset == row.count else { return nil }
    }
}

extension [UInt8] {
    /// Appends a text of at most 255 bytes behind its length.
    fileprivate mutating func appendShort(_ text: String) {
        let utf8 = text.utf8.prefix(Int(UInt8.max))
        append(UInt8(utf8.count))
        append(contentsOf: utf8)
    }

    fileprivate mutating func append(_ exchange: ActivityExchange) {
        appendBigEndian(exchange.sequence)
        appendBigEndian(exchange.time.microseconds)
        appendBigEndian(exchange.first.microseconds)
        appendBigEndian(exchange.count)
        appendShort(exchange.method.rawValue)
        append(exchange.route.rawValue)
        append(exchange.query.traits.rawValue)
        append(exchange.query.attribute)
        append(exchange.query.comparison)
        appendBigEndian(exchange.status)
        appendShort(exchange.keyword?.rawValue ?? "")
        appendShort(exchange.reason?.rawValue ?? "")
        appendShort(exchange.tokenID ?? "")
        append(exchange.client.map(\.rawValue) ?? .max)
        append(UInt8(exchange.requestID.digits.utf8.count))
        exchange.requestID.append(digitsTo: &self)
    }

    fileprivate mutating func append(_ hour: ActivityHour) {
        appendBigEndian(hour.number)
        let counted = (0..<16).filter { hour.counts.values[$0] != 0 }
        appendBigEndian(counted.reduce(UInt16(0)) { $0 | 1 << UInt16($1) })
        for place in counted {
            var rest = hour.counts.values[place]
            while rest >= 0x80 {
                append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            append(UInt8(rest))
        }
    }
}

extension RowReader {
    fileprivate mutating func short(in row: Span<UInt8>) -> String? {
        guard let count = integer(UInt8.self, in: row), let bytes = bytes(Int(count), in: row) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A word that a later version has written is read as none.
    fileprivate mutating func exchange(in row: Span<UInt8>) -> ActivityExchange? {
        guard let sequence = integer(UInt64.self, in: row), let time = integer(Int64.self, in: row),
            let first = integer(Int64.self, in: row), let count = integer(UInt32.self, in: row),
            let method = short(in: row), let route = integer(UInt8.self, in: row),
            let traits = integer(UInt8.self, in: row), let attribute = integer(UInt8.self, in: row),
            let comparison = integer(UInt8.self, in: row), let status = integer(UInt16.self, in: row),
            let keyword = short(in: row), let reason = short(in: row), let tokenID = short(in: row),
            let client = integer(UInt8.self, in: row), let digits = short(in: row),
            let requestID = UniqueID(digits: digits.utf8.span)
        else { return nil }
        var query = ActivityQuery()
        query.traits = ActivityQuery.Traits(rawValue: traits)
        query.attribute = attribute
        query.comparison = comparison
        var exchange = ActivityExchange(
            at: Timestamp(microseconds: time),
            method: AuditMethod(method),
            route: ActivityRoute(rawValue: route) ?? .unknown,
            query: query,
            status: status,
            keyword: SCIMError.Keyword(rawValue: keyword),
            reason: AuditReason(rawValue: reason),
            tokenID: tokenID.isEmpty ? nil : tokenID,
            client: ClientProduct(rawValue: client),
            requestID: requestID
        )
        exchange.sequence = sequence
        exchange.first = Timestamp(microseconds: first)
        exchange.count = count
        return exchange
    }

    fileprivate mutating func hour(in row: Span<UInt8>) -> ActivityHour? {
        guard let number = integer(UInt32.self, in: row), let counted = integer(UInt16.self, in: row) else {
            return nil
        }
        var hour = ActivityHour(number: number)
        for place in 0..<16 where counted & 1 << UInt16(place) != 0 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                guard shift < 35, let byte = integer(UInt8.self, in: row) else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            guard let value = UInt32(exactly: value) else { return nil }
            hour.counts.values[place] = value
        }
        return hour
    }
}
