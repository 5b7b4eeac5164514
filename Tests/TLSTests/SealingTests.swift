import TLS
import Testing

@Suite("Authenticated encryption")
struct SealingTests {
    private static let key = [UInt8](0..<32)
    private static let context: [UInt8] = [1, 2, 3]

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }

    @Test("SP 800-38D: what another implementation sealed is opened, with its context only")
    func example() {
        // Test case 16 of the mode's submission: AES-256, additional data, a text that ends inside a block.
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let text =
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        let sealed = bytes("cafebabefacedbaddecaf888" + text + "76fc6ece0f4e1768cddf8853bb2d551b")
        let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let content = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        )
        #expect(Sealing.open(sealed, key: key, context: context) == content)
        #expect(Sealing.open(sealed, key: key, context: []) == nil)
    }

    @Test("K-07: what is sealed opens again, and never looks the same", arguments: [0, 1, 15, 16, 17, 300])
    func roundTrip(count: Int) {
        let content = [UInt8](repeating: 7, count: count)
        let sealed = Sealing.seal(content, key: Self.key, context: Self.context)
        #expect(sealed.count == count + Sealing.overheadByteCount)
        #expect(Sealing.open(sealed, key: Self.key, context: Self.context) == content)
        #expect(Sealing.seal(content, key: Self.key, context: Self.context) != sealed)
    }

    @Test("K-07: another key, another context, any changed bit and any other length open nothing")
    func tampered() {
        let sealed = Sealing.seal([1, 2, 3, 4, 5], key: Self.key, context: Self.context)
        var otherKey = Self.key
        otherKey[31] ^= 1
        #expect(Sealing.open(sealed, key: otherKey, context: Self.context) == nil)
        #expect(Sealing.open(sealed, key: Self.key, context: [1, 2]) == nil)
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << UInt8(bit)
                #expect(Sealing.open(changed, key: Self.key, context: Self.context) == nil)
            }
        }
        for length in 0..<sealed.count {
            #expect(Sealing.open(Array(sealed.prefix(length)), key: Self.key, context: Self.context) == nil)
        }
        #expect(Sealing.open(sealed + [0], key: Self.key, context: Self.context) == nil)
    }
}
