import Storage

/// A file of the log, open.
struct LogSegment: Sendable {
    let header: SegmentHeader
    let file: any LogFile

    var number: UInt64 { header.number }

    /// The name under which a segment is prepared.
    static let preparedName = "next.tmp"
    private static let suffix = ".log"
    private static let digits = 16

    /// The file's name: the number in hexadecimal digits, so that names are in the order of numbers.
    static func name(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: Self.digits - digits.count) + digits + suffix
    }

    /// The number in a file's name; nil for the name of any other file.
    static func number(fromName name: String) -> UInt64? {
        guard name.hasSuffix(suffix), name.utf8.count == digits + suffix.utf8.count else { return nil }
        guard let number = UInt64(name.dropLast(suffix.utf8.count), radix: 16), Self.name(number) == name
        else { return nil }
        return number
    }

    /// Opens a segment that is there.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` if it is damaged, or another store's.
    static func open(
        _ number: UInt64,
        _ disk: any LogDisk,
        _ storeID: UniqueID
    ) throws(StoreError) -> LogSegment {
        let name = LogSegment.name(number)
        let file = try disk.open(name)
        guard let header = SegmentHeader(block: try file.read(at: 0, count: LogFormat.blockBytes)),
            header.number == number
        else { throw .corrupt("segment \(name) of the log is damaged") }
        guard header.storeID == storeID else {
            throw .corrupt("segment \(name) of the log is another store's")
        }
        return LogSegment(header: header, file: file)
    }

    /// Reads the record at a place; nil if there is none that checks out.
    func record(at offset: Int) throws(StoreError) -> LogRecord? {
        let first = try file.read(at: offset, count: LogFormat.blockBytes)
        guard let header = RecordHeader(block: first.span) else { return nil }
        var bytes = first
        if header.paddedBytes > bytes.count {
            guard offset + header.paddedBytes <= (try file.byteCount()) else { return nil }
            bytes += try file.read(at: offset + bytes.count, count: header.paddedBytes - bytes.count)
        }
        guard bytes.count == header.paddedBytes else { return nil }
        let checksum = RecordHeader.checksum(of: bytes.span, in: self.header, at: offset)
        guard checksum == RecordHeader.storedChecksum(of: bytes.span) else { return nil }
        return LogRecord(header: header, checksum: checksum, bytes: bytes)
    }

    /// The number of the first record from a place on, wherever it begins; nil if there is none.
    func findRecord(from offset: Int) throws(StoreError) -> UInt64? {
        let byteCount = try file.byteCount()
        var place = offset
        while place < byteCount {
            let part = try file.read(at: place, count: Self.searchBytes)
            guard !part.isEmpty else { return nil }
            for block in stride(from: 0, to: part.count - 3, by: LogFormat.blockBytes)
            where part.span.bigEndian32(at: block) == LogFormat.recordMagic {
                if let found = try record(at: place + block) { return found.header.number }
            }
            place += part.count
        }
        return nil
    }

    private static let searchBytes = 1 << 20
}
