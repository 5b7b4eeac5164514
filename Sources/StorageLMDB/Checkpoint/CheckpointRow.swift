import Storage

/// The row by which the data file tells how much of the log it has.
///
///     position of a record, see ``LogPosition`` ‖ number 8
///
/// It has all rows of all records up to the position. Of later ones up to the number it may have some, as a checkpoint may
/// have stopped between two transactions; the log puts all of them over it again, each as its record has it.
struct CheckpointRow: Equatable {
    var position: LogPosition
    var begunThrough: UInt64

    static let key = ReservedKeys.logPosition

    init(position: LogPosition, begunThrough: UInt64) {
        self.position = position
        self.begunThrough = begunThrough
    }

    init?(value: Span<UInt8>) {
        guard value.count == LogPosition.byteCount + 8, let position = LogPosition(bytes: value) else {
            return nil
        }
        self.position = position
        begunThrough = value.bigEndian64(at: LogPosition.byteCount)
    }

    var value: [UInt8] {
        var bytes: [UInt8] = []
        position.append(bytesTo: &bytes)
        bytes.appendBigEndian(begunThrough)
        return bytes
    }

    /// Reads the row; nil in a store that has no log yet.
    static func read(
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) -> CheckpointRow? {
        let row = try transaction.read(key) { value, _ in CheckpointRow(value: value) }
        guard let row else { return nil }
        guard let row else { throw .corrupt("the row that tells the log's position is malformed") }
        return row
    }

    func write(to transaction: inout WriteTransaction) throws(StoreError) {
        try transaction.put(Self.key, value.span, version: CommitVersion(position.number))
    }
}
