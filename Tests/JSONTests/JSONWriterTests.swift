import JSON
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    private func write(_ value: JSONValue) -> String {
        var bytes: [UInt8] = []
        value.write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "RFC 8259 §7: what must be escaped is, and nothing else",
        arguments: [
            ("a\"b\\c", #""a\"b\\c""#), ("\u{08}\t\n\u{0C}\r", #""\b\t\n\f\r""#),
            ("\u{01}\u{1F}", #""\u0001\u001f""#),
            ("/é😀\u{7F}", "\"/é😀\u{7F}\""), ("", "\"\""), ("\"", #""\"""#),
        ]
    )
    func strings(value: String, text: String) {
        #expect(write(.string(value)) == text)
    }

    @Test(
        "Integers are written in full",
        arguments: [
            (0, "0"), (-1, "-1"), (1_000_000, "1000000"), (Int64.max, "9223372036854775807"),
            (Int64.min, "-9223372036854775808"),
        ]
    )
    func integers(value: Int64, text: String) {
        var bytes: [UInt8] = []
        JSONWriter.appendInteger(value, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test(
        "Numbers keep the text they came with, and members their order",
        arguments: [
            #"{"b":1.50,"a":[1e2,-0,true,false,null,{}],"c":"x"}"#, "123456789012345678901234567890",
        ]
    )
    func exact(text: String) throws {
        #expect(write(try JSONValue(parsing: Array(text.utf8))) == text)
    }

    @Test("Values are equal when their bytes are: composed and decomposed letters differ")
    func equality() {
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(JSONValue.string("\u{E9}") == .string("\u{E9}"))
        #expect(JSONNumber(validated: "1.0") != JSONNumber(1))
        #expect(JSONNumber(validated: "1e3").int64 == nil)
        #expect(JSONNumber(validated: "-12").int64 == -12)
    }
}

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
    }

    @Test(
        "A-03: what is not a whole dateTime is refused",
        arguments: [
            "", "2026-11-24", "2026-11-24T01:02:03", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-11-24 01:02:03Z", "2026-11-24T24:00:00Z", "2026-11-24T01:02Z", "2026-11-24T01:02:03.Z",
            "2026-11-24T01:02:03+0100", "2026-11-24T01:02:03Zx", "26-11-24T01:02:03Z", "1900-02-29T00:00:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
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
}
