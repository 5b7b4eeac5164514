import Synchronization

/// Numbers requests: unique in a process, and not guessable from outside.
final class RequestIDs: Sendable {
    /// The first 16 digits of every id.
    private let first: UInt64
    private let last: Atomic<UInt64>

    init() {
        var random = SystemRandomNumberGenerator()
        first = random.next()
        last = Atomic(random.next())
    }

    /// 32 hexadecimal digits.
    func next() -> String {
        // An odd factor maps the running number to another one, so that neighbours do not look alike.
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
        var digits = InlineArray<32, UInt8>(repeating: 0)
        for index in 0..<16 {
            let shift = UInt64(60 - 4 * index)
            digits[index] = Self.digit(first >> shift)
            digits[16 + index] = Self.digit(number >> shift)
        }
        guard let text = try? UTF8Span(validating: digits.span) else {
            preconditionFailure("digits are ASCII")
        }
        return String(copying: text)
    }

    private static func digit(_ number: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: number) & 0xF
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
