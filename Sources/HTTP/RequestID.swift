/// Names a request in the operator's records: 32 hexadecimal digits, which take no memory of their own until somebody reads them.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package var text: String {
        let digits = InlineArray<32, UInt8> { append(to: &$0) }
        guard let text = try? UTF8Span(validating: digits.span) else {
            preconditionFailure("digits are ASCII")
        }
        return String(copying: text)
    }

    package var description: String { text }

    /// Appends the digits, for which there must be room.
    func append(to free: inout OutputSpan<UInt8>) {
        Self.append(high >> 32, to: &free)
        Self.append(high & 0xFFFF_FFFF, to: &free)
        Self.append(low >> 32, to: &free)
        Self.append(low & 0xFFFF_FFFF, to: &free)
    }

    /// Appends the eight digits of a number of 32 bits.
    ///
    /// They are made together, each in a byte of a word: each step halves what lies together, until each has a byte of its own.
    private static func append(_ number: UInt64, to free: inout OutputSpan<UInt8>) {
        var digits = number
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // Letters lie 39 behind the digits.
        let letters = (digits &+ each &* 6) >> 4 & each
        let text = digits &+ each &* UInt64(UInt8(ascii: "0")) &+ letters &* 39
        free.append(word: text.bigEndian)
    }

    /// Every byte of a word.
    private static let each: UInt64 = 0x0101_0101_0101_0101
}
