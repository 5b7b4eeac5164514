/// A row of the log as the commit numbered it.
///
///     key    01 ‖ order
///     value  sequence ‖ time ‖ stream length, 1 byte ‖ stream ‖ payload
package struct LogRow: Sendable, Equatable {
    /// The row's place in the whole log: 1, 2, 3 … without gaps.
    package let order: UInt64
    package let stream: String
    /// The row's place in its stream: 1, 2, 3 … without gaps.
    package let sequence: UInt64
    package let version: CommitVersion
    /// The commit's time in microseconds since 1970.
    package let timeMicroseconds: Int64
    package let payload: [UInt8]

    package init(
        order: UInt64,
        stream: String,
        sequence: UInt64,
        version: CommitVersion,
        timeMicroseconds: Int64,
        payload: [UInt8]
    ) {
        self.order = order
        self.stream = stream
        self.sequence = sequence
        self.version = version
        self.timeMicroseconds = timeMicroseconds
        self.payload = payload
    }

    /// Reads what a scan of ``LogKeys/rows`` gives; nil if it is no log row.
    package init?(key: Span<UInt8>, value: Span<UInt8>, version: CommitVersion) {
        guard let order = LogKeys.order(fromKey: key), value.count >= LogRow.fixedBytes else { return nil }
        let streamBytes = Int(value[LogRow.fixedBytes - 1])
        guard value.count >= LogRow.fixedBytes + streamBytes else { return nil }
        let stream = [UInt8](copying: value.extracting(LogRow.fixedBytes..<LogRow.fixedBytes + streamBytes))
        self.init(
            order: order,
            stream: String(decoding: stream, as: UTF8.self),
            sequence: value.bigEndian64(at: 0),
            version: version,
            timeMicroseconds: Int64(bitPattern: value.bigEndian64(at: 8)),
            payload: [UInt8](copying: value.extracting(droppingFirst: LogRow.fixedBytes + streamBytes))
        )
    }

    static let fixedBytes = 17

    static func value(of entry: LogEntry, sequence: UInt64, timeMicroseconds: Int64) -> [UInt8] {
        let stream = entry.stream.utf8.span
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: fixedBytes + stream.count + entry.payload.count) { free in
            free.appendBigEndian(sequence)
            free.appendBigEndian(timeMicroseconds)
            free.append(UInt8(stream.count))
            free.append(copying: stream)
        }
        bytes += entry.payload
        return bytes
    }
}

/// The keys of the log.
package enum LogKeys {
    /// The prefix of all log rows, in order.
    package static let rows = Key([ReservedKeys.logRow])
    /// The prefix of all stream heads, in byte order of the streams' names.
    package static let heads = Key([ReservedKeys.streamHead])

    /// The key of the row with this order.
    package static func row(order: UInt64) -> Key {
        Key(
            [UInt8](room: 9) { free in
                free.append(ReservedKeys.logRow)
                free.appendBigEndian(order)
            }
        )
    }

    /// The key of a stream's head.
    package static func head(stream: String) -> Key {
        let name = stream.utf8.span
        return Key(
            [UInt8](room: 1 + name.count) { free in
                free.append(ReservedKeys.streamHead)
                free.append(copying: name)
            }
        )
    }

    /// The order in a log row's key; nil for any other key.
    package static func order(fromKey key: Span<UInt8>) -> UInt64? {
        guard key.count == 9, key[0] == ReservedKeys.logRow else { return nil }
        return key.bigEndian64(at: 1)
    }

    /// The stream's name in a head's key; nil for any other key.
    package static func stream(fromKey key: Span<UInt8>) -> String? {
        guard key.count > 1, key[0] == ReservedKeys.streamHead else { return nil }
        return String(decoding: [UInt8](copying: key.extracting(droppingFirst: 1)), as: UTF8.self)
    }
}

/// The end of a stream: its last row.
///
///     value  sequence ‖ order ‖ hash, 32 bytes, zero while rows are not chained
package struct StreamHead: Sendable, Equatable {
    package let sequence: UInt64
    package let order: UInt64
    package let hash: [UInt8]

    package static let hashBytes = 32

    init(sequence: UInt64, order: UInt64) {
        self.sequence = sequence
        self.order = order
        self.hash = StreamHead.noHash
    }

    private static let noHash = [UInt8](repeating: 0, count: hashBytes)

    /// Reads the value of a row under ``LogKeys/heads``; nil if it is none.
    package init?(value: Span<UInt8>) {
        guard let sequence = StreamHead.sequence(in: value) else { return nil }
        self.sequence = sequence
        order = value.bigEndian64(at: 8)
        hash = [UInt8](copying: value.extracting(droppingFirst: 16))
    }

    /// The number of a stream's last row in the value of its head; nil if that is none.
    static func sequence(in value: Span<UInt8>) -> UInt64? {
        value.count == 16 + StreamHead.hashBytes ? value.bigEndian64(at: 0) : nil
    }

    var value: [UInt8] {
        [UInt8](room: 16 + StreamHead.hashBytes) { free in
            free.appendBigEndian(sequence)
            free.appendBigEndian(order)
            free.append(copying: hash.span)
        }
    }
}
