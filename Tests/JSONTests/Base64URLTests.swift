import JSON
import Testing

@Suite("Base64 for URLs")
struct Base64URLTests {
    @Test(
        "RFC 4648 §10, §5: the examples without padding, and the two letters of the URL alphabet",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"), ("\u{FB}\u{FF}", "w7vDvw"),
        ]
    )
    func examples(content: String, text: String) {
        #expect(Base64URL.text(Array(content.utf8)) == text)
        #expect(Base64URL.bytes(text) == Array(content.utf8))
        #expect(Base64URL.text([0xFB, 0xEF, 0xFF]) == "--__")
    }

    @Test("Every byte and length comes back")
    func roundTrip() {
        let all = [UInt8](UInt8.min...UInt8.max)
        for count in all.indices {
            let bytes = Array(all.suffix(count))
            #expect(Base64URL.bytes(Base64URL.text(bytes)) == bytes)
        }
    }

    @Test(
        "Other alphabets, padding, a lone letter and loose bits are refused",
        arguments: ["+/+/", "Zg==", "Z", "Zm9vZ", "Zh", "Zm9", "Z g", "Zm8\n", "é"]
    )
    func refused(text: String) {
        #expect(Base64URL.bytes(text) == nil)
        #expect(Base64URL.bytes(Array(text.utf8)) == nil)
    }
}
