// The character classes of RFC 9110 §5.6.2 (token), §5.5 (field value) and RFC 3986 §3.3, §3.4 (path, query),
// each as two 64-bit masks, so that a test is a shift and no memory is read. `ByteSetTests` spells them out.

/// A set of ASCII bytes; bytes from 0x80 on are never in it.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let mask = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (mask &>> UInt64(byte & 0x3F)) & 1 == 1
    }

    /// `tchar`: letters, digits and ``!#$%&'*+-.^_`|~``.
    static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// Letters, digits, `-`, `.` and `_`: what a host name is made of here.
    ///
    /// RFC 3986 also allows percent-encoding and sub-delimiters in a `reg-name`; no DNS name has them, and a comma
    /// or semicolon in Host is an attempt to be read in two ways.
    static var host: ByteSet { ByteSet(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE) }

    /// `pchar` and `/`, with `%` (whose two digits are checked where it is met).
    static var path: ByteSet { ByteSet(low: 0x2FFF_FFF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF) }

    /// The bytes of ``path`` that stand for themselves: not `/`, not `%`, and no dot, of which segments may be made.
    static var plainPath: ByteSet { ByteSet(low: path.low & ~0x0000_C020_0000_0000, high: path.high) }

    /// The bytes of ``query`` that stand for themselves: not `%`.
    static var plainQuery: ByteSet { ByteSet(low: query.low & ~0x0000_0020_0000_0000, high: query.high) }

    /// `pchar`, `/` and `?`, and also `"`, `[` and `]`, which clients send unescaped in filters.
    static var query: ByteSet { ByteSet(low: 0xAFFF_FFF6_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF) }
}

/// Visible characters, space, tab and obs-text (RFC 9110 §5.5).
@inline(__always)
func isFieldValueByte(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7F) || byte == 0x09 }

/// The value of a hexadecimal digit, or nil.
@inline(__always)
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte &- 0x30
    case 0x41...0x46: byte &- 0x37
    case 0x61...0x66: byte &- 0x57
    default: nil
    }
}

/// The byte with A–Z made a–z.
@inline(__always)
func lowercasedASCII(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

/// Whether two runs of bytes are equal when ASCII letters are compared without case.
@inline(__always)
func equalIgnoringCase(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where lowercasedASCII(left[index]) != lowercasedASCII(right[index]) {
        return false
    }
    return true
}

/// Whether the bytes are `text`, ASCII letters compared without case.
@inline(__always)
func equalIgnoringCase(_ bytes: Span<UInt8>, _ text: String) -> Bool {
    equalIgnoringCase(bytes, text.utf8Span.span)
}

/// The bytes that the syntax of HTTP is made of.
enum ASCII {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var quote: UInt8 { 0x22 }
    static var percent: UInt8 { 0x25 }
    static var ampersand: UInt8 { 0x26 }
    static var asterisk: UInt8 { 0x2A }
    static var plus: UInt8 { 0x2B }
    static var comma: UInt8 { 0x2C }
    static var dot: UInt8 { 0x2E }
    static var slash: UInt8 { 0x2F }
    static var colon: UInt8 { 0x3A }
    static var semicolon: UInt8 { 0x3B }
    static var equals: UInt8 { 0x3D }
    static var question: UInt8 { 0x3F }
    static var backslash: UInt8 { 0x5C }
}

extension Span where Element == UInt8 {
    /// The first place of a byte in a range; the range's end if it is not there.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int {
        range.lowerBound + extracting(range).firstIndex(of: byte)
    }

    /// How many bytes two spans have in common from their first one on.
    func sharedCount(with other: Span<UInt8>) -> Int {
        withUnsafeBytes { bytes in
            other.withUnsafeBytes { other in
                let end = Swift.min(bytes.count, other.count)
                var index = 0
                while index &+ 8 <= end {
                    let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    let otherWord = other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    let difference = UInt64(littleEndian: word ^ otherWord)
                    if difference != 0 { return index &+ difference.trailingZeroBitCount / 8 }
                    index &+= 8
                }
                while index < end, bytes[index] == other[index] { index &+= 1 }
                return index
            }
        }
    }

    private func firstIndex(of byte: UInt8) -> Int {
        withUnsafeBytes { bytes in
            var index = 0
            let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
            while index &+ 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                // A byte of the difference is zero where the byte is; the lowest mark is the first of them.
                let difference = UInt64(littleEndian: word) ^ pattern
                let marks = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
                if marks != 0 { return index &+ marks.trailingZeroBitCount / 8 }
                index &+= 8
            }
            while index < bytes.count, bytes[index] != byte { index &+= 1 }
            return index
        }
    }
}
