import Storage
import Testing

@testable import StorageLMDB

@Suite("The log's checksum")
struct ChecksumTests {
    static func checksum(_ begun: UInt32, _ bytes: [UInt8]) -> UInt32 {
        LogFormat.checksum(begun, bytes.span)
    }

    @Test("is CRC-32C: the check value of the nine digits, and the examples of RFC 3720 B.4")
    func vectors() {
        let digits = Self.checksum(0, Array("123456789".utf8))
        #expect(digits == 0xE306_9283)
        let zeros = Self.checksum(0, [UInt8](repeating: 0, count: 32))
        #expect(zeros == 0x8A91_36AA)
        let ones = Self.checksum(0, [UInt8](repeating: 0xFF, count: 32))
        #expect(ones == 0x62A8_AB43)
        let rising = Self.checksum(0, [UInt8](0..<32))
        #expect(rising == 0x46DD_794E)
        let inParts = Self.checksum(Self.checksum(0, Array("1234".utf8)), Array("56789".utf8))
        #expect(inParts == digits)
    }
}
