import JSON
import Storage

/// An attribute and its value as they stand in the keys of an index.
///
/// ```
/// code of the attribute | text, with 0 and 1 escaped | 0                 a text of at most `textBytesMax`
/// code of the attribute | its first bytes            | 1 0 | SHA-256     a longer one
/// code of the attribute | 0 or 1                                         a boolean
/// code of the attribute | microseconds, 8 bytes                          a time
/// ```
/// The order of keys is that of the values: texts by their bytes, false before true. Long texts with the same beginning have none
/// among themselves.
package struct IndexedValue: Hashable, Sendable {
    /// What ends a text; no byte of one is less.
    static let end: UInt8 = 0
    /// What a byte that could be taken for an end is written with in front of it, one higher than it is.
    static let escape: UInt8 = 1
    /// What ends the beginning of a long text: less than whatever may follow an escape.
    static let endOfBeginning: [UInt8] = [escape, 0]

    /// Longer texts are told apart by their digest, so that every key stays below the engine's limit.
    private static let textBytesMax = 128
    /// What a key has beside an attribute's code and a text: space, tenant and kind, the ends, a digest, an id.
    private static let otherKeyBytes = 6 + 2 + 32 + UniqueID.byteCount

    let bytes: [UInt8]

    /// `text`: as compared: prepared unless the attribute is caseExact.
    package init(_ attribute: IndexedAttribute, text: String, sha256: (Span<UInt8>) -> [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount(attribute, text))
        Self.append(attribute, text, sha256: sha256, to: &bytes)
        self.bytes = bytes
    }

    /// About how many bytes a text takes.
    static func byteCount(_ attribute: IndexedAttribute, _ text: String) -> Int {
        attribute.code.count + min(text.utf8.count, textBytesMax(attribute)) + 2
    }

    /// Appends an attribute and a text.
    static func append(
        _ attribute: IndexedAttribute,
        _ text: String,
        sha256: (Span<UInt8>) -> [UInt8],
        to bytes: inout [UInt8]
    ) {
        let utf8 = text.utf8.span
        let max = Self.textBytesMax(attribute)
        bytes += attribute.code
        if utf8.count <= max {
            Self.append(utf8, to: &bytes)
            bytes.append(Self.end)
        } else {
            Self.append(utf8.extracting(..<max), to: &bytes)
            bytes += Self.endOfBeginning
            bytes += sha256(utf8)
        }
    }

    package init(_ attribute: IndexedAttribute, _ flag: Bool) {
        bytes = attribute.code + [flag ? 1 : 0]
    }

    package init(_ attribute: IndexedAttribute, _ time: Timestamp) {
        let code = attribute.code
        bytes = [UInt8](room: code.count + 8) { free in
            free.append(copying: code.span)
            Self.append(time, to: &free)
        }
    }

    /// Appends a time so that times are in the order of their bytes.
    static func append(_ time: Timestamp, to free: inout OutputSpan<UInt8>) {
        free.appendBigEndian(UInt64(bitPattern: time.microseconds) ^ 1 << 63)
    }

    /// How many bytes of a text of the attribute stand in a key; each may take two.
    static func textBytesMax(_ attribute: IndexedAttribute) -> Int {
        min(textBytesMax, (StorageLimits.keyBytesMax - otherKeyBytes - attribute.code.count) / 2)
    }

    /// Appends bytes of a text so that none of them is taken for an end.
    static func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        var least = UInt8.max
        for index in text.indices { least = min(least, text[index]) }
        guard least <= escape else { return bytes.append(copying: text) }
        for index in text.indices {
            let byte = text[index]
            if byte <= escape {
                bytes.append(escape)
                bytes.append(byte + 1)
            } else {
                bytes.append(byte)
            }
        }
    }
}
