internal import Storage

/// A SHA-256 digest of the chain: of a record, of what a stream begins with, or of a tree.
package struct TrailHash: Sendable, Hashable {
    package static let byteCount = 32
    /// How long it is in hexadecimal digits.
    package static let textByteCount = 64

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Takes a digest's bytes; nil unless there are 32.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        words = (
            bytes.bigEndian64(at: 0), bytes.bigEndian64(at: 8), bytes.bigEndian64(at: 16),
            bytes.bigEndian64(at: 24)
        )
    }

    /// Reads 64 lower-case hexadecimal digits; nil for anything else.
    package init?(hex: Span<UInt8>) {
        guard hex.count == Self.textByteCount else { return nil }
        var words: [4 of UInt64] = [0, 0, 0, 0]
        for index in hex.indices {
            guard let digit = Self.digit(hex[index]) else { return nil }
            words[index / 16] = words[index / 16] << 4 | digit
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    package static func == (left: TrailHash, right: TrailHash) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// 64 lower-case hexadecimal digits.
    package var text: String {
        var bytes: [UInt8] = []
        append(hexTo: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the 32 bytes.
    package func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(words.0)
        bytes.appendBigEndian(words.1)
        bytes.appendBigEndian(words.2)
        bytes.appendBigEndian(words.3)
    }

    /// Appends the hexadecimal digits.
    package func append(hexTo bytes: inout [UInt8]) {
        for word in [words.0, words.1, words.2, words.3] {
            var shift = 64
            while shift > 0 {
                shift -= 4
                bytes.append(AuditCharacters.hexadecimalDigit(UInt8(truncatingIfNeeded: word >> shift) & 0xF))
            }
        }
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}
