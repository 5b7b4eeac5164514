/// A 128-bit identifier, written as a lower-case UUID (RFC 9562).
package struct UniqueID: Sendable, Hashable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

// MARK: - Making one

extension UniqueID {
    /// Makes a version 7 UUID (RFC 9562 §5.7): ids made later sort later, to the millisecond.
    ///
    /// - Parameters:
    ///   - milliseconds: time since 1970; its low 48 bits are used.
    ///   - randomness: 128 random bits, of which 74 are used.
    /// - Returns: an id whose text has `7` as its version and `8` to `b` as its variant.
    package static func timeOrdered(milliseconds: Int64, randomness: (UInt64, UInt64)) -> UniqueID {
        let time = UInt64(truncatingIfNeeded: milliseconds) << 16
        return UniqueID(
            high: time | 0x7000 | randomness.0 & 0x0FFF,
            low: 0x8000_0000_0000_0000 | randomness.1 & 0x3FFF_FFFF_FFFF_FFFF
        )
    }
}

// MARK: - Bytes

extension UniqueID {
    package static let byteCount = 16

    /// Reads the sixteen big-endian bytes that begin at an offset; nil if fewer are left.
    package init?(bytes: Span<UInt8>, at offset: Int = 0) {
        guard offset >= 0, bytes.count - offset >= UniqueID.byteCount else { return nil }
        self.init(high: bytes.bigEndian64(at: offset), low: bytes.bigEndian64(at: offset + 8))
    }

    /// Appends the sixteen big-endian bytes: in keys, byte order is id order.
    package func append(bytesTo bytes: inout [UInt8]) {
        bytes.append(addingCapacity: UniqueID.byteCount) { append(bytesTo: &$0) }
    }

    /// Appends the sixteen big-endian bytes, for which there must be room.
    @inlinable
    package func append(bytesTo free: inout OutputSpan<UInt8>) {
        free.appendBigEndian(high)
        free.appendBigEndian(low)
    }

    /// The sixteen big-endian bytes.
    package var bytes: [UInt8] {
        [UInt8](room: UniqueID.byteCount) { append(bytesTo: &$0) }
    }
}

// MARK: - Text

extension UniqueID: CustomStringConvertible {
    package static let textByteCount = 36

    /// Reads 8-4-4-4-12 hexadecimal digits, in any case (RFC 9562 §4).
    ///
    /// The id's text is always in lower case. That a SCIM id is caseExact (RFC 7643 §3.1) is for clients, which compare
    /// what they were answered.
    package init?(text: Span<UInt8>) {
        let dash = UInt8(ascii: "-")
        guard text.count == UniqueID.textByteCount,
            text[8] == dash && text[13] == dash && text[18] == dash && text[23] == dash,
            let first = UniqueID.number(text.bigEndian64(at: 0)),
            let second = UniqueID.number(text.bigEndian32(at: 9), text.bigEndian32(at: 14)),
            let third = UniqueID.number(text.bigEndian32(at: 19), text.bigEndian32(at: 24)),
            let fourth = UniqueID.number(text.bigEndian64(at: 28))
        else { return nil }
        self.init(high: first << 32 | second, low: third << 32 | fourth)
    }

    /// Reads hexadecimal digits in any case; see ``init(text:)-(Span<UInt8>)``.
    package init?(text: String) {
        self.init(text: text.utf8Span.span)
    }

    /// The canonical form: 36 characters.
    package var text: String {
        let characters = InlineArray<36, UInt8> { write(to: &$0, withDashes: true) }
        guard let text = try? UTF8Span(validating: characters.span) else {
            preconditionFailure("digits are ASCII")
        }
        return String(copying: text)
    }

    package var description: String { text }

    /// Appends the canonical form: 36 ASCII bytes.
    package func append(textTo bytes: inout [UInt8]) {
        bytes.append(addingCapacity: UniqueID.textByteCount) { append(textTo: &$0) }
    }

    /// Appends the canonical form, for which there must be room.
    package func append(textTo free: inout OutputSpan<UInt8>) { write(to: &free, withDashes: true) }

    /// Appends the 32 digits of the canonical form, without its dashes.
    package func append(digitsTo bytes: inout [UInt8]) {
        bytes.append(addingCapacity: UniqueID.textByteCount) { write(to: &$0, withDashes: false) }
    }

    /// The 32 digits of the canonical form, without its dashes.
    package var digits: String {
        let digits = InlineArray<32, UInt8> { write(to: &$0, withDashes: false) }
        guard let text = try? UTF8Span(validating: digits.span) else {
            preconditionFailure("digits are ASCII")
        }
        return String(copying: text)
    }

    /// Reads 32 hexadecimal digits, in any case, without dashes.
    package init?(digits: Span<UInt8>) {
        guard digits.count == 32, let first = UniqueID.number(digits.bigEndian64(at: 0)),
            let second = UniqueID.number(digits.bigEndian64(at: 8)),
            let third = UniqueID.number(digits.bigEndian64(at: 16)),
            let fourth = UniqueID.number(digits.bigEndian64(at: 24))
        else { return nil }
        self.init(high: first << 32 | second, low: third << 32 | fourth)
    }

    private func write(to free: inout OutputSpan<UInt8>, withDashes: Bool) {
        let (first, second) = (UniqueID.digits(high >> 32), UniqueID.digits(high))
        let (third, fourth) = (UniqueID.digits(low >> 32), UniqueID.digits(low))
        free.appendBigEndian(first)
        if withDashes { free.append(UInt8(ascii: "-")) }
        free.appendBigEndian(UInt32(truncatingIfNeeded: second >> 32))
        if withDashes { free.append(UInt8(ascii: "-")) }
        free.appendBigEndian(UInt32(truncatingIfNeeded: second))
        if withDashes { free.append(UInt8(ascii: "-")) }
        free.appendBigEndian(UInt32(truncatingIfNeeded: third >> 32))
        if withDashes { free.append(UInt8(ascii: "-")) }
        free.appendBigEndian(UInt32(truncatingIfNeeded: third))
        free.appendBigEndian(fourth)
    }

    /// Whether a dash stands at an index of the text.
    package static func isDash(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    // Eight digits are looked at together, each in a byte of a word, the first one in the highest.

    /// Every byte of a word.
    private static let each: UInt64 = 0x0101_0101_0101_0101

    /// The hexadecimal digits of a number of 32 bits.
    private static func digits(_ number: UInt64) -> UInt64 {
        // Each step halves what lies together, until each digit has a byte of its own.
        var digits = number & 0xFFFF_FFFF
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // Letters lie 39 behind the digits.
        let letters = (digits &+ each &* 6) >> 4 & each
        return digits &+ each &* UInt64(UInt8(ascii: "0")) &+ letters &* 39
    }

    /// The number of eight hexadecimal digits in any case; nil if one of them is none.
    private static func number(_ text: UInt64) -> UInt64? {
        let high = each &* 0x80
        // The highest bits tell which bytes are at least as great as something: of ASCII alone no sum reaches into the next byte.
        func reach(_ bytes: UInt64, _ least: UInt8) -> UInt64 { bytes &+ each &* UInt64(0x80 - least) }
        let lowered = text | each &* 0x20
        let digits = reach(text, UInt8(ascii: "0")) & ~reach(text, UInt8(ascii: "9") + 1) & high
        let letters = reach(lowered, UInt8(ascii: "a")) & ~reach(lowered, UInt8(ascii: "f") + 1) & high
        guard text & high == 0, digits | letters == high else { return nil }
        var number = (text & (each &* 0x0F)) &+ (letters >> 7) &* 9
        number = (number | number >> 4) & 0x00FF_00FF_00FF_00FF
        number = (number | number >> 8) & 0x0000_FFFF_0000_FFFF
        return (number | number >> 16) & 0xFFFF_FFFF
    }

    private static func number(_ first: UInt32, _ second: UInt32) -> UInt64? {
        number(UInt64(first) << 32 | UInt64(second))
    }
}
