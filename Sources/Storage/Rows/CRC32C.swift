/// The Castagnoli checksum (RFC 9260 appendix A), eight bytes a step by table.
enum CRC32C {
    // Row k holds the checksum of a byte followed by k zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()

    /// Continues a checksum over the eight bytes of a number, most significant first; begin with 0.
    static func update(_ checksum: UInt32, bigEndian number: UInt64) -> UInt32 {
        let tables = Self.tables.span
        var crc = ~checksum
        for byte in 0..<8 {
            let next = UInt32(truncatingIfNeeded: number >> (56 - 8 * byte))
            crc = crc >> 8 ^ tables[Int((crc ^ next) & 0xFF)]
        }
        return ~crc
    }

    /// Continues a checksum over more bytes; begin with 0.
    static func update(_ checksum: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
        let tables = Self.tables.span
        var crc = ~checksum
        var index = 0
        while bytes.count - index >= 8 {
            let low =
                crc
                ^ (UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
                    | UInt32(bytes[index + 3]) << 24)
            crc =
                tables[0x700 + Int(low & 0xFF)] ^ tables[0x600 + Int(low >> 8 & 0xFF)]
                ^ tables[0x500 + Int(low >> 16 & 0xFF)] ^ tables[0x400 + Int(low >> 24)]
                ^ tables[0x300 + Int(bytes[index + 4])] ^ tables[0x200 + Int(bytes[index + 5])]
                ^ tables[0x100 + Int(bytes[index + 6])] ^ tables[Int(bytes[index + 7])]
            index += 8
        }
        while index < bytes.count {
            crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes[index])) & 0xFF)]
            index += 1
        }
        return ~crc
    }
}
