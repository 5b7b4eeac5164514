/// The value of a row that ``Mutation/increment(_:_:)`` keeps.
package enum Counter {
    /// Reads a counter's row; nil if it is none.
    package static func value(of row: Span<UInt8>) -> Int64? {
        row.count == 8 ? Int64(bitPattern: row.bigEndian64(at: 0)) : nil
    }

    /// Writes a counter's row.
    package static func bytes(_ value: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8)
        bytes.appendBigEndian(value)
        return bytes
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// Reads a counter; a missing row counts as 0.
    package func counter(_ key: Key) throws(StoreError) -> Int64 {
        guard let value = try read(key, { row, _ in Counter.value(of: row) }) ?? .some(0) else {
            throw .corrupt("a counter's row does not hold a counter")
        }
        return value
    }

    /// Whether a key has a row.
    package func contains(_ key: Key) throws(StoreError) -> Bool {
        try read(key) { _, _ in } != nil
    }

    /// Copies a row's value and version; nil if there is none.
    package func copy(_ key: Key) throws(StoreError) -> (value: [UInt8], version: CommitVersion)? {
        try read(key) { value, version in ([UInt8](copying: value), version) }
    }
}
