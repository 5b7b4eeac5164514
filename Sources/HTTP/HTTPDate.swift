/// A point in time as the Date field writes it: IMF-fixdate (RFC 9110 §5.6.7).
///
/// Made once a second by whoever owns the clock and written into every answer of that second.
package struct HTTPDate: Sendable, Hashable {
    /// 29 bytes, such as `Tue, 24 Nov 2026 01:02:03 GMT`.
    package let bytes: [UInt8]

    /// The date `secondsSince1970` seconds after 1970-01-01T00:00:00Z, in the proleptic Gregorian calendar.
    ///
    /// - Precondition: the year is between 0 and 9999.
    package init(secondsSince1970: Int64) {
        let day = Self.floorDivide(secondsSince1970, 86400)
        let second = secondsSince1970 - day * 86400
        let date = Self.civil(day: day)
        precondition((0...9999).contains(date.year), "IMF-fixdate has four digits for the year")

        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        bytes.append(contentsOf: Self.weekdays[Int(Self.modulo(day + 4, 7))].utf8)
        bytes.append(contentsOf: ", ".utf8)
        Self.append(date.day, to: &bytes)
        bytes.append(ASCII.space)
        bytes.append(contentsOf: Self.months[Int(date.month) - 1].utf8)
        bytes.append(ASCII.space)
        Self.append(date.year / 100, to: &bytes)
        Self.append(date.year % 100, to: &bytes)
        bytes.append(ASCII.space)
        Self.append(second / 3600, to: &bytes)
        bytes.append(ASCII.colon)
        Self.append(second / 60 % 60, to: &bytes)
        bytes.append(ASCII.colon)
        Self.append(second % 60, to: &bytes)
        bytes.append(contentsOf: " GMT".utf8)
        self.bytes = bytes
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func append(_ twoDigits: Int64, to bytes: inout [UInt8]) {
        bytes.append(0x30 + UInt8(twoDigits / 10))
        bytes.append(0x30 + UInt8(twoDigits % 10))
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        value - floorDivide(value, divisor) * divisor
    }

    /// Year, month and day of a day number; eras of 400 years that begin on 1 March, so that leap days come last.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
