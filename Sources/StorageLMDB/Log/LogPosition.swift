import Storage

/// A record of the log by its place, number and checksum: the last one whose changes are in the data file,
/// for example.
///
/// As the row that the data file keeps of it:
///
///     number 8 ‖ checksum 4 ‖ segment 8 ‖ offset 8
struct LogPosition: Equatable, Sendable {
    /// 0 while there is no record yet; then the place is where the first one goes.
    var number: UInt64
    var checksum: UInt32
    var segment: UInt64
    var offset: Int

    /// Where a new log begins.
    static let start = LogPosition(number: 0, checksum: 0, segment: 1, offset: LogFormat.firstOffset)

    static let byteCount = 28

    func append(bytesTo bytes: inout [UInt8]) {
        bytes.appendBigEndian(number)
        bytes.appendBigEndian(checksum)
        bytes.appendBigEndian(segment)
        bytes.appendBigEndian(UInt64(offset))
    }

    init(number: UInt64, checksum: UInt32, segment: UInt64, offset: Int) {
        self.number = number
        self.checksum = checksum
        self.segment = segment
        self.offset = offset
    }

    /// Reads what ``append(bytesTo:)`` wrote; nil if it is too short, or cannot be.
    init?(bytes: Span<UInt8>) {
        guard bytes.count >= Self.byteCount, let offset = Int(exactly: bytes.bigEndian64(at: 20)) else {
            return nil
        }
        number = bytes.bigEndian64(at: 0)
        checksum = bytes.bigEndian32(at: 8)
        segment = bytes.bigEndian64(at: 12)
        self.offset = offset
    }
}
