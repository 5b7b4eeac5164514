import Testing

@testable import Storage

@Suite("Stored rows")
struct StoredRowTests {
    static let vectors: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        ([], 0),
    ]

    @Test("RFC 3720 appendix B.4: the checksum is CRC-32C", arguments: vectors)
    func checksum(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.update(0, bytes.span) == expected)
        for cut in 0...bytes.count {
            let span = bytes.span
            let first = CRC32C.update(0, span.extracting(first: cut))
            let whole = CRC32C.update(first, span.extracting(droppingFirst: cut))
            #expect(whole == expected)
        }
    }

    @Test("a number goes into the checksum as its eight bytes")
    func number() {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(CRC32C.update(0, bigEndian: 0x0102_0304_0506_0708) == CRC32C.update(0, bytes.span))
    }

    // The test macro takes no spans as arguments.
    private static func isIntact(_ key: [UInt8], _ stored: [UInt8]) -> Bool {
        StoredRow.isIntact(key: key.span, stored: stored.span)
    }

    @Test("every changed bit of key, version, checksum and value is found")
    func everyBit() {
        let key: [UInt8] = [0x20, 7]
        let value: [UInt8] = Array(0..<20)
        var stored: [UInt8] = []
        StoredRow(key: key.span, version: CommitVersion(5), value: value.span).append(to: &stored)
        stored += value
        #expect(StoredRow.version(of: stored.span) == CommitVersion(5))
        #expect(Self.isIntact(key, stored))
        for bit in 0..<stored.count * 8 {
            var changed = stored
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(!Self.isIntact(key, changed))
        }
        let otherKey: [UInt8] = [0x20, 6]
        #expect(!Self.isIntact(otherKey, stored))
        for count in 0..<stored.count {
            let cut = Array(stored[..<count])
            #expect(!Self.isIntact(key, cut))
            #expect((StoredRow.version(of: cut.span) == nil) == (count < StoredRow.headerBytes))
        }
    }
}

@Suite("Opening a store")
struct OpenStoreTests {
    private static func open(
        _ writer: inout MemoryWriter,
        isEmpty: Bool,
        storeID: UniqueID
    ) throws(StoreError) -> OpenedStore {
        try ChangesetApplier.openStore(in: &writer, isEmpty: isEmpty, newStoreID: storeID)
    }

    @Test("the id and the numbers are made once and found again")
    func once() throws {
        var writer = MemoryWriter(rows: SortedRows())
        let id = UniqueID(high: 1, low: 2)
        #expect(try Self.open(&writer, isEmpty: true, storeID: id) == OpenedStore(state: StoreState()))
        let again = try Self.open(&writer, isEmpty: false, storeID: UniqueID(high: 3, low: 4))
        #expect(again == OpenedStore(state: StoreState()))
        #expect(try MemorySnapshot(rows: writer.rows).info().storeID == id)
    }

    @Test("rows without an info row, and a later format, are refused")
    func refused() throws {
        let id = UniqueID(high: 1, low: 2)
        var writer = MemoryWriter(rows: SortedRows())
        #expect(throws: StoreError.corrupt("this is not a store, or its info row is lost")) {
            _ = try Self.open(&writer, isEmpty: false, storeID: id)
        }
        let later = StoreInfo.currentFormatVersion + 1
        let current = StoreInfo(storeID: id).value
        let newer = StoreInfo(storeID: id, formatVersion: later).value
        try writer.put(ReservedKeys.info, newer.span, version: CommitVersion(0))
        #expect(throws: StoreError.newerFormat(later, reader: nil)) {
            _ = try Self.open(&writer, isEmpty: false, storeID: id)
        }
        try writer.put(ReservedKeys.reader, Array("0.9.0".utf8).span, version: CommitVersion(0))
        #expect(throws: StoreError.newerFormat(later, reader: "0.9.0")) {
            _ = try Self.open(&writer, isEmpty: false, storeID: id)
        }
        try writer.put(ReservedKeys.info, current.span, version: CommitVersion(0))
        #expect(throws: StoreError.corrupt("the store's state row is missing or malformed")) {
            _ = try Self.open(&writer, isEmpty: false, storeID: id)
        }
    }

    @Test("an older format is raised to the current one, once")
    func upgraded() throws {
        let id = UniqueID(high: 1, low: 2)
        var writer = MemoryWriter(rows: SortedRows())
        _ = try Self.open(&writer, isEmpty: true, storeID: id)
        let older = StoreInfo(storeID: id, formatVersion: 1).value
        try writer.put(ReservedKeys.info, older.span, version: CommitVersion(0))
        #expect(try Self.open(&writer, isEmpty: false, storeID: id).upgradedFrom == 1)
        let info = try MemorySnapshot(rows: writer.rows).info()
        #expect(info.formatVersion == StoreInfo.currentFormatVersion && info.storeID == id)
        #expect(try Self.open(&writer, isEmpty: false, storeID: id).upgradedFrom == nil)
    }
}
