import TLS
import Testing

@Suite("Digests")
struct DigestTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test(
        "SHA-256 of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ]
    )
    func sha256(text: String, digest: String) {
        #expect(hex(Digest.sha256(Array(text.utf8).span)) == digest)
        #expect(hex(Digest.digest(Array(text.utf8), by: .sha256)) == digest)
    }

    @Test(
        "SHA-384 and SHA-512 of FIPS 180-4's example",
        arguments: [
            (
                Digest.Algorithm.sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                    + "8086072ba1e7cc2358baeca134c825a7"
            ),
            (
                .sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ),
        ]
    )
    func longer(algorithm: Digest.Algorithm, digest: String) {
        #expect(hex(Digest.digest(Array("abc".utf8), by: algorithm)) == digest)
    }

    @Test(
        "Equality of bytes",
        arguments: [
            ([], [], true), ([1, 2], [1, 2], true), ([1, 2], [1, 3], false), ([1], [1, 2], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func equality(left: [UInt8], right: [UInt8], isEqual: Bool) {
        #expect(Digest.constantTimeEquals(left.span, right.span) == isEqual)
    }
}
