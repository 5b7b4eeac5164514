import JSON
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "A-03, RFC 3339: a dateTime is read with its zone and fraction",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-24T01:02:03.004Z", 1_795_482_123_004_000),
            ("2026-11-24T01:02:03.0040059+01:00", 1_795_478_523_004_005),
            ("1969-12-31T23:59:59.5Z", -500_000),
            ("2000-02-29t12:00:00z", 951_825_600_000_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ]
    )
    func reads(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
        #expect(Timestamp(dateTime: text)?.microseconds == microseconds)
    }

    @Test(
        "RFC 7643 §2.3.5: an xsd:dateTime without a zone is in UTC; RFC 3339 does not let the zone be left out",
        arguments: ["2026-11-24T01:02:03", "2026-11-24T01:02:03.5", "2000-02-29T23:59:59.000001"]
    )
    func withoutZone(text: String) throws {
        let time = try #require(Timestamp(dateTime: text))
        #expect(time == Timestamp(rfc3339: "\(text)Z"))
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(
        "A-03: what is not a whole dateTime is refused",
        arguments: [
            "", "2026-11-24", "2026-11-24T01:02:03.", "2026-11-24T01:02", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-24 01:02:03Z", "2026-11-24T24:00:00Z", "2026-11-24T01:02Z", "2026-11-24T01:02:03.Z",
            "2026-11-24T01:02:03+0100", "2026-11-24T01:02:03Zx", "26-11-24T01:02:03Z", "1900-02-29T00:00:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
        #expect(Timestamp(dateTime: text) == nil)
    }

    @Test(
        "What is written is read back, in milliseconds and in microseconds",
        arguments: [
            0, 1_795_482_123_004_005, -1, 951_782_400_000_000, 253_402_300_799_999_999,
            -62_167_219_200_000_000,
        ] as [Int64]
    )
    func roundTrip(microseconds: Int64) {
        let time = Timestamp(microseconds: microseconds)
        #expect(Timestamp(rfc3339: time.microsecondText) == time)
        let millisecond = Timestamp(rfc3339: time.text)?.microseconds
        #expect(millisecond.map { microseconds - $0 }.map { (0..<1_000).contains($0) } == true)
    }

    @Test("A-03: text has three digits of a second, or six, and is clamped to four-digit years")
    func writes() {
        let time = Timestamp(microseconds: 1_795_482_123_004_005)
        #expect(time.text == "2026-11-24T01:02:03.004Z")
        #expect(time.microsecondText == "2026-11-24T01:02:03.004005Z")
        #expect(
            Timestamp(microseconds: 1_795_482_123_987_654).microsecondText == "2026-11-24T01:02:03.987654Z"
        )
        #expect(Timestamp(microseconds: .max).microsecondText == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(microseconds: .min).microsecondText == "0000-01-01T00:00:00.000000Z")
        var bytes = Array("x".utf8)
        time.append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x\(time.text)")
    }

    @Test(
        "Days follow each other through leap years and centuries",
        arguments: [
            (1899, false), (1900, false), (1999, false), (2000, true), (2023, false), (2024, true),
            (2100, false),
        ]
    )
    func calendar(year: Int, isLeap: Bool) throws {
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        var expected = try #require(Timestamp(rfc3339: "\(year)-01-01T00:00:00Z")).microseconds
        for (month, length) in lengths.enumerated() {
            for day in 1...length {
                let text = "\(year)-\(two(month + 1))-\(two(day))T00:00:00.000Z"
                #expect(Timestamp(rfc3339: text)?.microseconds == expected)
                #expect(Timestamp(microseconds: expected).text == text)
                expected += 86_400_000_000
            }
            #expect(Timestamp(rfc3339: "\(year)-\(two(month + 1))-\(length + 1)T00:00:00Z") == nil)
        }
        #expect(Timestamp(rfc3339: "\(year + 1)-01-01T00:00:00Z")?.microseconds == expected)
    }

    @Test("Offsets reach from -23:59 to +23:59 and order as points in time")
    func offsets() throws {
        let east = try #require(Timestamp(rfc3339: "2026-11-24T12:00:00+23:59"))
        let utc = try #require(Timestamp(rfc3339: "2026-11-24T12:00:00Z"))
        let west = try #require(Timestamp(rfc3339: "2026-11-24T12:00:00-23:59"))
        #expect(east < utc)
        #expect(utc < west)
        #expect(west.microseconds - east.microseconds == 2 * 86_340_000_000)
        #expect(Timestamp(rfc3339: "2026-11-24T12:00:00+24:00") == nil)
        #expect(Timestamp(rfc3339: "2026-11-24T12:00:00+00:60") == nil)
    }

    @Test("A time is shown to the millisecond before it, which is the time that is read again")
    func shown() {
        for microseconds: Int64 in [0, 1, 999, 1_000, 1_234_567, -1, -1_000, -1_001, 1_795_910_400_123_456] {
            let time = Timestamp(microseconds: microseconds)
            #expect(Timestamp(dateTime: time.text) == time.shown)
            #expect(time.shown.shown == time.shown)
        }
    }
}
