import HTTP
import TestSupport
import Testing

@Suite("Mutated messages")
struct MutationTests {
    /// Bytes that mean something to the parser, so that mutations hit its branches.
    static let alphabet =
        Array("\r\n\t :;,=\"\\/?#%&+*0159aAfFgGxX-_.[]@\u{0}\u{7F}".utf8) + [0x80, 0xC3, 0xFF]

    @Test(
        "RFC 9112 §11.2: whatever arrives, the outcome does not depend on how the bytes are split",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func splitting(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let messages =
            AcceptedMessageTests.messages.map(\.bytes) + RefusedMessageTests.chunks.map(\.bytes)
            + LimitTests.exceeding.map(\.bytes)
        for round in 0..<250 {
            var bytes = messages[Int.random(in: 0..<messages.count, using: &generator)]
            bytes += messages[Int.random(in: 0..<messages.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, &generator) }
            let limits = Bool.random(using: &generator) ? Limits() : LimitTests.limits
            let (whole, differing) = readEveryWay(bytes, limits: limits)
            #expect(differing.isEmpty, "seed \(seed), round \(round): \(whole) for \(bytes)")
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        let byte = Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)]
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes.insert(byte, at: index)
        case 1: bytes[index] = byte
        case 2: bytes.remove(at: index)
        case 3: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 4: bytes.removeSubrange(index...)
        default:
            let end = Int.random(in: index...min(index + 20, bytes.count), using: &generator)
            bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
        }
    }
}
