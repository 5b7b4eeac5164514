import Storage
import Testing

@Suite("UniqueID")
struct UniqueIDTests {
    static let texts: [(String, UInt64, UInt64)] = [
        ("00000000-0000-0000-0000-000000000000", 0, 0),
        ("00112233-4455-6677-8899-aabbccddeeff", 0x0011_2233_4455_6677, 0x8899_AABB_CCDD_EEFF),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", .max, .max),
    ]

    @Test("the canonical text is read and written back", arguments: texts)
    func roundTrip(text: String, high: UInt64, low: UInt64) {
        let id = UniqueID(high: high, low: low)
        #expect(UniqueID(text: text) == id)
        let ascii = Array(text.utf8)
        #expect(UniqueID(text: ascii.span) == id)
        #expect(id.text == text)
        #expect("\(id)" == text)
        var bytes: [UInt8] = [1]
        id.append(textTo: &bytes)
        #expect(bytes == [1] + Array(text.utf8))
    }

    static let refused = [
        "", "0",
        "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}",
        "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
        "0011223-34455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg",
        "00112233_4455-6677-8899-aabbccddeeff", " 0112233-4455-6677-8899-aabbccddeeff",
        "+0112233-4455-6677-8899-aabbccddeeff", "0x112233-4455-6677-8899-aabbccddeeff",
        "00112233-4455-6677-8899-AABBCCDDEEFG", "00112233-4455-6677-8899-AABBCCDDEEF@",
        "00112233-4455-6677-8899-aabbccddeé", "00112233-4455-6677-8899-aabbccddeef\u{0}",
    ]

    @Test(
        "RFC 9562 §4: digits are read in any case and written in lower case",
        arguments: ["00112233-4455-6677-8899-AABBCCDDEEFF", "00112233-4455-6677-8899-aabbccDDeefF"]
    )
    func anyCase(text: String) {
        #expect(UniqueID(text: text)?.text == "00112233-4455-6677-8899-aabbccddeeff")
    }

    @Test("any other spelling is refused", arguments: refused)
    func refuse(text: String) {
        #expect(UniqueID(text: text) == nil)
    }

    @Test("RFC 9562 §4: of all bytes, only hexadecimal digits and dashes are read, each in its places")
    func eachByte() {
        let digits = Array("0123456789abcdef".utf8)
        let text = Array("00112233-4455-6677-8899-aabbccddeeff".utf8)
        for place in text.indices {
            for byte in UInt8.min ... .max {
                var changed = text
                changed[place] = byte
                let lowered = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte) ? byte | 0x20 : byte
                let isRead = UniqueID.isDash(place) ? byte == UInt8(ascii: "-") : digits.contains(lowered)
                let id = UniqueID(text: changed.span)
                #expect((id != nil) == isRead, "\(byte) at \(place)")
                changed[place] = lowered
                #expect(id == nil || id.map { Array($0.text.utf8) } == changed, "\(byte) at \(place)")
            }
        }
    }

    @Test("sixteen big-endian bytes are written and read back, in the ids' order")
    func bytes() {
        let low = UniqueID(high: 1, low: 0xFF)
        let high = UniqueID(high: 1, low: 0x100)
        #expect(low < high)
        #expect(Key(low.bytes) < Key(high.bytes))
        #expect(low.bytes == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xFF])
        let bytes = low.bytes + high.bytes
        #expect(UniqueID(bytes: bytes.span) == low)
        #expect(UniqueID(bytes: bytes.span, at: 16) == high)
        #expect(UniqueID(bytes: bytes.span, at: 17) == nil)
        #expect(UniqueID(bytes: bytes.span, at: -1) == nil)
    }

    @Test("RFC 9562 appendix A.6: the example of a version 7 UUID comes out")
    func timeOrderedExample() {
        let id = UniqueID.timeOrdered(
            milliseconds: 0x017F_22E2_79B0,
            randomness: (0xCC3, 0x18C4_DC0C_0C07_398F)
        )
        #expect(id.text == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test("RFC 9562 §5.7: version and variant are set whatever the random bits; later ids sort later")
    func timeOrdered() {
        let none = UniqueID.timeOrdered(milliseconds: 2, randomness: (0, 0))
        let all = UniqueID.timeOrdered(milliseconds: 1, randomness: (.max, .max))
        #expect(none.text == "00000000-0002-7000-8000-000000000000")
        #expect(all.text == "00000000-0001-7fff-bfff-ffffffffffff")
        #expect(all < none)
    }
}
