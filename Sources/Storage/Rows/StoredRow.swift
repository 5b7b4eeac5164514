/// The form in which every engine keeps a row; above the seam only its value and version are seen.
///
///     commit version, 8 bytes ‖ checksum, 4 bytes ‖ value
///
/// The checksum covers the key, the version and the value, so a row under a wrong key is found as well as a
/// changed bit. Reads do not verify it; ``StoreChecker`` does.
package struct StoredRow: Sendable {
    package static let headerBytes = 12

    /// The bytes that go in front of a value, as two numbers to be written big-endian.
    package let version: UInt64
    package let checksum: UInt32

    package init(key: Span<UInt8>, version: CommitVersion, value: Span<UInt8>) {
        self.version = version.number
        self.checksum = StoredRow.checksum(key: key, version: version.number, value: value)
    }

    /// Appends the header to a buffer.
    package func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(version)
        bytes.appendBigEndian(checksum)
    }

    /// The version of a stored row; nil if it is too short to be one.
    package static func version(of stored: Span<UInt8>) -> CommitVersion? {
        stored.count >= headerBytes ? CommitVersion(stored.bigEndian64(at: 0)) : nil
    }

    /// Whether the checksum of a stored row is right.
    package static func isIntact(key: Span<UInt8>, stored: Span<UInt8>) -> Bool {
        guard stored.count >= headerBytes else { return false }
        let value = stored.extracting(droppingFirst: headerBytes)
        return stored.bigEndian32(at: 8)
            == checksum(key: key, version: stored.bigEndian64(at: 0), value: value)
    }

    private static func checksum(key: Span<UInt8>, version: UInt64, value: Span<UInt8>) -> UInt32 {
        CRC32C.update(CRC32C.update(CRC32C.update(0, bigEndian: version), key), value)
    }
}
