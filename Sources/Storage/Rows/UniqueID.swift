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

    /// Appends the sixteen big-endian bytes where there is room for them.
    @inline(__always)
    package func append(bytesTo free: inout OutputSpan<UInt8>) {
        free.append(bigEndian: high)
        free.append(bigEndian: low)
    }

    /// The sixteen big-endian bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(UniqueID.byteCount)
        append(bytesTo: &bytes)
        return bytes
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
        guard text.count == UniqueID.textByteCount else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for index in 0..<UniqueID.textByteCount {
            let byte = text[index]
            if UniqueID.isDash(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = UniqueID.digit(byte) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
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
        bytes.append(addingCapacity: UniqueID.textByteCount) { write(to: &$0, withDashes: true) }
    }

    /// Appends the 32 digits of the canonical form, without its dashes.
    package func append(digitsTo bytes: inout [UInt8]) {
        bytes.append(addingCapacity: UniqueID.textByteCount) { write(to: &$0, withDashes: false) }
    }

    private func write(to free: inout OutputSpan<UInt8>, withDashes: Bool) {
        UniqueID.append(high >> 32, digits: 8, to: &free)
        if withDashes { free.append(UInt8(ascii: "-")) }
        UniqueID.append(high >> 16, digits: 4, to: &free)
        if withDashes { free.append(UInt8(ascii: "-")) }
        UniqueID.append(high, digits: 4, to: &free)
        if withDashes { free.append(UInt8(ascii: "-")) }
        UniqueID.append(low >> 48, digits: 4, to: &free)
        if withDashes { free.append(UInt8(ascii: "-")) }
        UniqueID.append(low, digits: 12, to: &free)
    }

    /// Appends the last digits of a number.
    @inline(__always)
    private static func append(_ word: UInt64, digits: Int, to free: inout OutputSpan<UInt8>) {
        var shift = 4 &* digits
        while shift > 0 {
            shift &-= 4
            let digit = UInt8(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: shift)) & 0xF
            // Letters lie 39 behind the digits; no branch, since nobody could foresee where it leads.
            free.append(UInt8(ascii: "0") &+ digit &+ ((digit &+ 6) &>> 4) &* 39)
        }
    }

    /// Whether a dash stands at an index of the text.
    package static func isDash(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
