import TLS
import Testing

@Suite("Ed25519")
struct Ed25519Tests {
    private static func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    @Test(
        "RFC 8032 §7.1: keys and signatures are those of the RFC's tests 2 and 3",
        arguments: [
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            ),
        ]
    )
    func vectors(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try #require(Ed25519PrivateKey(seed: Self.bytes(seed)))
        #expect(key.publicKey == Self.bytes(publicKey))
        #expect(key.sign(Self.bytes(message)) == Self.bytes(signature))
        #expect(Ed25519.verifies(Self.bytes(signature), of: Self.bytes(message), publicKey: key.publicKey))
    }

    @Test("A signature fits its message, its key and itself, and nothing else")
    func refusals() {
        let key = Ed25519PrivateKey.make()
        let message = Array("note".utf8)
        let signature = key.sign(message)
        #expect(Ed25519.verifies(signature, of: message, publicKey: key.publicKey))
        #expect(!Ed25519.verifies(signature, of: message + [0], publicKey: key.publicKey))
        #expect(!Ed25519.verifies(signature, of: message, publicKey: Ed25519PrivateKey.make().publicKey))
        #expect(!Ed25519.verifies(Array(signature.dropLast()), of: message, publicKey: key.publicKey))
        #expect(!Ed25519.verifies(signature, of: message, publicKey: []))
        for index in signature.indices {
            var other = signature
            other[index] ^= 1
            #expect(!Ed25519.verifies(other, of: message, publicKey: key.publicKey))
        }
    }

    @Test("A key is read from the PEM text that it is written as and from its seed, and from nothing else")
    func files() throws {
        let key = Ed25519PrivateKey.make()
        #expect(Ed25519PrivateKey(file: Array(key.pem.utf8))?.publicKey == key.publicKey)
        #expect(Ed25519PrivateKey(file: [UInt8](repeating: 1, count: 32)) != nil)
        for wrong in [[], [UInt8](repeating: 1, count: 31), Array("-----BEGIN PRIVATE KEY-----\n".utf8)] {
            #expect(Ed25519PrivateKey(file: wrong) == nil)
        }
        let other = try SelfSignedCertificate.make(hosts: ["localhost"], validDays: 1).keyPEM
        #expect(Ed25519PrivateKey(file: Array(other.utf8)) == nil)
        #expect("\(key)" == "an Ed25519 key")
    }
}
