import CLinux
import Storage

/// The form of the log's files.
///
/// ```
/// segment   header, one block ‖ record ‖ record ‖ …
/// record    magic 4 ‖ checksum 4 ‖ number 8 ‖ checksum of the record before 4 ‖ rows 4 ‖ length of the rows
/// 8 ‖ time 8 ‖
///           zero 24 ‖ rows ‖ zero up to a whole block
/// row       key length 2 ‖ value length 4 ‖ key ‖ value as it is stored, or nothing for a row that is
/// deleted
/// ```
///
/// A record's checksum covers all of it behind the checksum, and before that the segment's salt and number
/// and the record's place:
/// what an earlier use of the file has left there is no record. A record begins a block of its own, so that
/// no later write touches
/// a block that holds one already.
enum LogFormat {
    static let blockBytes = 4096
    static let recordHeaderBytes = 64
    /// The length of a value that stands for a row that is deleted.
    static let deletedLength = UInt32.max

    /// CRC-32C's, the lowest power in the highest bit.
    static let polynomial: UInt32 = 0x82F6_3B78

    static let recordMagic: UInt32 = 0x5048_5243
    fileprivate static let segmentMagic: UInt64 = 0x5048_4C4F_4753_4547
    fileprivate static let version: UInt32 = 1

    /// Where the first record of a segment is.
    static let firstOffset = blockBytes

    /// Continues a checksum (CRC-32C) over more bytes; begin with 0.
    static func checksum(_ checksum: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
        // The span lives for the length of the call.
        unsafe bytes.withUnsafeBufferPointer { unsafe clinux_crc32c(checksum, $0.baseAddress, $0.count) }
    }

    /// The checksum of a row as ``StoredRow`` has it, which the processor computes here.
    static func checksum(ofRow key: Span<UInt8>, version: CommitVersion, value: Span<UInt8>) -> UInt32 {
        let number = InlineArray<8, UInt8> { free in free.appendBigEndian(version.number) }
        return checksum(checksum(checksum(0, number.span), key), value)
    }

    static func padded(_ count: Int) -> Int { (count + blockBytes - 1) / blockBytes * blockBytes }
}

/// The first block of a segment.
///
/// ```
/// magic 8 ‖ format 4 ‖ checksum 4 ‖ store id 16 ‖ number 8 ‖ salt 8 ‖ zero
/// ```
struct SegmentHeader: Equatable {
    let storeID: UniqueID
    let number: UInt64
    /// Drawn for each use of a file: records of another use do not check out under it.
    let salt: UInt64

    private static let checksumOffset = 12

    var block: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LogFormat.blockBytes)
        bytes.appendBigEndian(LogFormat.segmentMagic)
        bytes.appendBigEndian(LogFormat.version)
        bytes.appendBigEndian(UInt32(0))
        storeID.append(bytesTo: &bytes)
        bytes.appendBigEndian(number)
        bytes.appendBigEndian(salt)
        bytes += [UInt8](repeating: 0, count: LogFormat.blockBytes - bytes.count)
        bytes.setBigEndian(LogFormat.checksum(0, bytes.span), at: Self.checksumOffset)
        return bytes
    }

    init(storeID: UniqueID, number: UInt64, salt: UInt64) {
        self.storeID = storeID
        self.number = number
        self.salt = salt
    }

    /// Reads a block; nil if it is no header, or not as it was written.
    init?(block: [UInt8]) {
        guard block.count == LogFormat.blockBytes,
            let storeID = UniqueID(bytes: block.span, at: 16)
        else { return nil }
        self.storeID = storeID
        number = block.span.bigEndian64(at: 32)
        salt = block.span.bigEndian64(at: 40)
        guard self.block == block else { return nil }
    }
}

/// What a record says of itself.
struct RecordHeader: Equatable {
    /// The batch's place in the log: 1, 2, 3 … without gaps.
    var number: UInt64
    /// The checksum of the record before, 0 for the first.
    var previous: UInt32
    var rowCount: UInt32
    var rowBytes: Int
    /// When the batch was decided, in microseconds since 1970.
    var timeMicroseconds: Int64

    /// How long the whole record is.
    var paddedBytes: Int { LogFormat.padded(LogFormat.recordHeaderBytes + rowBytes) }

    init(number: UInt64, previous: UInt32, rowCount: UInt32, rowBytes: Int, timeMicroseconds: Int64) {
        self.number = number
        self.previous = previous
        self.rowCount = rowCount
        self.rowBytes = rowBytes
        self.timeMicroseconds = timeMicroseconds
    }

    /// Reads the beginning of a block; nil if it begins no record.
    ///
    /// Only the checksum of the whole tells whether it does.
    init?(block: Span<UInt8>) {
        guard block.count >= LogFormat.recordHeaderBytes,
            block.bigEndian32(at: 0) == LogFormat.recordMagic,
            let rowBytes = Int(exactly: block.bigEndian64(at: 24)),
            rowBytes <= Int(UInt32.max)
        else { return nil }
        number = block.bigEndian64(at: 8)
        previous = block.bigEndian32(at: 16)
        rowCount = block.bigEndian32(at: 20)
        self.rowBytes = rowBytes
        timeMicroseconds = Int64(bitPattern: block.bigEndian64(at: 32))
    }

    /// Writes itself over the beginning of a record, but for the checksum.
    func write(to record: inout [UInt8]) {
        record.setBigEndian(LogFormat.recordMagic, at: 0)
        record.setBigEndian(number, at: 8)
        record.setBigEndian(previous, at: 16)
        record.setBigEndian(rowCount, at: 20)
        record.setBigEndian(UInt64(rowBytes), at: 24)
        record.setBigEndian(UInt64(bitPattern: timeMicroseconds), at: 32)
    }

    /// Where the checksum ends, and what it covers begins.
    static let checksumEnd = 8

    static func storedChecksum(of record: Span<UInt8>) -> UInt32 { record.bigEndian32(at: 4) }

    /// The checksum that a record has at a place of a segment.
    static func checksum(of record: Span<UInt8>, in segment: SegmentHeader, at offset: Int) -> UInt32 {
        let place = InlineArray<24, UInt8> { free in
            free.appendBigEndian(segment.salt)
            free.appendBigEndian(segment.number)
            free.appendBigEndian(UInt64(offset))
        }
        let checksum = LogFormat.checksum(0, place.span)
        return LogFormat.checksum(checksum, record.extracting(droppingFirst: checksumEnd))
    }
}

extension Array where Element == UInt8 {
    /// Writes an integer's bytes over others, most significant first.
    mutating func setBigEndian(_ value: some FixedWidthInteger, at offset: Int) {
        let count = value.bitWidth / 8
        for index in 0..<count {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - index)))
        }
    }
}
