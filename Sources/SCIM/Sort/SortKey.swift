import JSON

/// Where a resource stands in a sorted list: bytes whose order is the ascending order of the values they were made of.
///
/// ```
/// tag 1 | value        tags: number, text, boolean, time; the last one, which sorts behind all, means no value
/// ```
/// Texts count with their first ``textBytesMax`` bytes, so that a key stays small whatever a client stores.
package struct SortKey: Sendable, Hashable, Comparable {
    /// How many bytes of a text's UTF-8, in the form in which it is compared, count.
    package static let textBytesMax = 128
    package static let bytesMax = 1 + textBytesMax

    package let bytes: [UInt8]

    private enum Tag: UInt8 {
        case integer = 1
        case decimal, text, boolean, time
        case missing = 0xFF
    }

    /// The key of a resource without a value: last in ascending order (RFC 7644 §3.4.2.3).
    package static let missing = SortKey(bytes: [Tag.missing.rawValue])
    /// The key of every resource in a list that is not sorted.
    package static let none = SortKey(bytes: [])

    /// The value, without what tells its kind; nil if there is none.
    package var content: ArraySlice<UInt8>? {
        bytes.isEmpty || self == .missing ? nil : bytes.dropFirst()
    }

    /// Takes the bytes of a key that was made earlier.
    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// The key of one value of an attribute; nothing, null, `""` and what is no value of its type are missing.
    package init(_ value: JSONValue?, of definition: AttributeDefinition) {
        self = Self.key(value, definition) ?? .missing
    }

    private static func key(_ value: JSONValue?, _ definition: AttributeDefinition) -> SortKey? {
        switch (definition.type, value) {
        case (.integer, .number(let number)?):
            let nearest = number.int64 ?? Int64(clampingNearest: number.double)
            return SortKey(.integer, UInt64(bitPattern: nearest) ^ 1 << 63)
        case (.decimal, .number(let number)?): return SortKey(.decimal, ordered(number.double))
        case (.boolean, .bool(let flag)?): return SortKey(bytes: [Tag.boolean.rawValue, flag ? 1 : 0])
        case (.dateTime, .string(let text)?):
            return Timestamp(dateTime: text).map {
                SortKey(.time, UInt64(bitPattern: $0.microseconds) ^ 1 << 63)
            }
        case (.string, .string(let text)?), (.reference, .string(let text)?), (.binary, .string(let text)?):
            guard !text.isEmpty else { return nil }
            let compared = definition.caseExact ? text : CasePreparation.prepare(text)
            return SortKey(bytes: [Tag.text.rawValue] + compared.utf8.prefix(textBytesMax))
        default: return nil
        }
    }

    private init(_ tag: Tag, _ number: UInt64) {
        var bytes = [tag.rawValue]
        bytes.reserveCapacity(9)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
        self.bytes = bytes
    }

    /// Bits whose order as integers is the order of the numbers (IEEE 754 §5.10); both zeros are one.
    private static func ordered(_ number: Double) -> UInt64 {
        let bits = (number + 0).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    /// UTF-8 has the order of its code points, so that bytes suffice for all keys.
    package static func < (left: SortKey, right: SortKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Int64 {
    /// The integer next to a number, within the 64 bits.
    fileprivate init(clampingNearest number: Double) {
        self = Int64(exactly: number.rounded()) ?? (number < 0 ? .min : .max)
    }
}
