/// The key of a row: bytes in lexicographic order, at most ``StorageLimits/keyBytesMax`` long.
package struct Key: Sendable, Hashable, Comparable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func hash(into hasher: inout Hasher) {
        // Byte by byte, as an array would have it, a key takes several times as long. The buffer does not leave the closure.
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    package static func < (left: Key, right: Key) -> Bool {
        left.bytes.span.order(right.bytes.span) < 0
    }

    /// The key with the bytes of an id behind it.
    package func with(_ id: UniqueID) -> Key {
        Key(
            [UInt8](room: bytes.count + UniqueID.byteCount) { free in
                free.append(copying: bytes.span)
                id.append(bytesTo: &free)
            }
        )
    }

    /// Puts another id in place of the one that ends the key.
    package mutating func replaceEnd(with id: UniqueID) {
        bytes.removeLast(UniqueID.byteCount)
        id.append(bytesTo: &bytes)
    }

    /// The least key behind every key that begins with this one; nil if there is none.
    package var behindPrefix: Key? {
        var bytes = bytes
        while let last = bytes.popLast() {
            if last < .max { return Key(bytes + [last + 1]) }
        }
        return nil
    }

    /// The least possible key after this one: where a scan goes on that ended at it.
    package var next: Key {
        if bytes.count < StorageLimits.keyBytesMax { return Key(bytes + [0]) }
        // Only the greatest key of all has no next one; nothing lies behind this either.
        return behindPrefix ?? Key([UInt8](repeating: .max, count: StorageLimits.keyBytesMax))
    }
}

extension Key {
    /// Checks a scan of this prefix that begins or ends at `bound`.
    ///
    /// - Throws: ``StoreError/tooLarge`` if one of the two is longer than a key may be.
    package func checkScan(_ bound: Key?) throws(StoreError) {
        guard bytes.count <= StorageLimits.keyBytesMax, bound?.bytes.count ?? 0 <= StorageLimits.keyBytesMax
        else { throw .tooLarge }
    }

    /// Where a scan of this prefix in descending order begins that ends below `end`; nil for the end of all keys.
    package func end(of end: Key?) -> Key? {
        guard let end, let last = behindPrefix else { return end ?? behindPrefix }
        return min(end, last)
    }
}

/// What a row was last written by: the number that its change drew, or the commit's place in the store's order.
package struct CommitVersion: Sendable, Hashable, Comparable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static func < (left: CommitVersion, right: CommitVersion) -> Bool { left.number < right.number }
}
