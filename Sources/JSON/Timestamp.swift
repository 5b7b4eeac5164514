/// A point in time as I-JSON writes it: RFC 3339, UTC (RFC 7493 §4.3); in SCIM an xsd:dateTime (RFC 7643 §2.3.5).
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

// MARK: - Writing

extension Timestamp {
    /// The text with milliseconds: `2026-11-24T01:02:03.004Z`.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The time that ``text`` tells: what is shown of a time, and what clients compare.
    package var shown: Timestamp {
        Timestamp(microseconds: Self.divide(microseconds, by: 1_000).quotient * 1_000)
    }

    /// The text with microseconds: `2026-11-24T01:02:03.004005Z`.
    package var microsecondText: String {
        var bytes: [UInt8] = []
        append(microsecondTextTo: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text with milliseconds, without quotation marks.
    ///
    /// Years outside 0 to 9999 are written as the nearest.
    package func append(to output: inout [UInt8]) { append(to: &output, fractionDigits: 3) }

    /// Appends the text with microseconds, as ``append(to:)`` does that with milliseconds.
    package func append(microsecondTextTo output: inout [UInt8]) { append(to: &output, fractionDigits: 6) }

    /// Appends the text with milliseconds, for which there must be room.
    package func append(to free: inout OutputSpan<UInt8>) { append(to: &free, fractionDigits: 3) }

    private func append(to output: inout [UInt8], fractionDigits: Int) {
        output.append(addingCapacity: 27) { free in append(to: &free, fractionDigits: fractionDigits) }
    }

    private func append(to free: inout OutputSpan<UInt8>, fractionDigits: Int) {
        let clamped = min(max(microseconds, Self.earliest), Self.latest)
        let (seconds, fraction) = Self.divide(clamped, by: 1_000_000)
        let (days, secondOfDay) = Self.divide(seconds, by: 86_400)
        let (year, month, day) = Self.date(daysSince1970: days)
        // All are positive and small now: 32 bits are divided in fewer steps.
        let (time, part) = (UInt32(truncatingIfNeeded: secondOfDay), UInt32(truncatingIfNeeded: fraction))
        let years = UInt32(truncatingIfNeeded: year)
        Self.appendPair(years / 100, to: &free)
        Self.appendPair(years % 100, to: &free, after: "-")
        Self.appendPair(UInt32(truncatingIfNeeded: month), to: &free, after: "-")
        Self.appendPair(UInt32(truncatingIfNeeded: day), to: &free, after: "T")
        Self.appendPair(time / 3_600, to: &free, after: ":")
        Self.appendPair(time / 60 % 60, to: &free, after: ":")
        Self.appendPair(time % 60, to: &free, after: ".")
        Self.appendPair(part / 10_000, to: &free)
        if fractionDigits == 3 {
            free.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: part / 1_000 % 10))
        } else {
            Self.appendPair(part / 100 % 100, to: &free)
            Self.appendPair(part % 100, to: &free)
        }
        free.append(UInt8(ascii: "Z"))
    }

    /// Two digits, and what stands after them.
    @inline(__always)
    private static func appendPair(
        _ value: UInt32,
        to output: inout OutputSpan<UInt8>,
        after: Unicode.Scalar? = nil
    ) {
        output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10))
        output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10))
        if let after { output.append(UInt8(ascii: after)) }
    }

    /// 0000-01-01T00:00:00Z and the last microsecond of 9999.
    private static let earliest: Int64 = -62_167_219_200_000_000
    private static let latest: Int64 = 253_402_300_799_999_999

    private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The proleptic Gregorian date; years begin in March inside, so that leap days come last.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

// MARK: - Reading

extension Timestamp {
    /// Reads an xsd:dateTime with a time zone, as RFC 3339 §5.6 has it; nil for anything else.
    ///
    /// Digits beyond the microsecond are dropped; a leap second counts as the first second after it.
    package init?(rfc3339 text: String) { self.init(text, needsZone: true) }

    /// Reads an xsd:dateTime as RFC 7643 §2.3.5 has it: as ``init(rfc3339:)``, but without a time zone UTC is meant.
    package init?(dateTime text: String) { self.init(text, needsZone: false) }

    private init?(_ text: String, needsZone: Bool) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t"),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
            let second = reader.digits(2), let fraction = reader.fraction(),
            let offset = reader.isAtEnd && !needsZone ? 0 : reader.offset(), reader.isAtEnd,
            (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, year: year),
            hour <= 23, minute <= 59, second <= 60
        else { return nil }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func digit() -> Int64? {
            guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else { return nil }
            defer { index += 1 }
            return Int64(bytes[index] - 0x30)
        }

        mutating func digits(_ count: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// Microseconds behind a point; 0 without one; nil for a point without digits.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            guard var value = digit() else { return nil }
            var digits = 1
            while let next = digit() {
                if digits < 6 { value = value * 10 + next }
                digits += 1
            }
            while digits < 6 {
                value *= 10
                digits += 1
            }
            return value
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64 = take("+") ? 1 : -1
            guard sign == 1 || take("-"), let hours = digits(2), take(":"), let minutes = digits(2),
                hours <= 23, minutes <= 59
            else { return nil }
            return sign * (hours * 3_600 + minutes * 60)
        }
    }

    private static func days(inMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let (era, yearOfEra) = divide(shifted, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
