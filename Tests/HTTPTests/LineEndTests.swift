import Testing

@testable import HTTP

@Suite("Ends of lines")
struct LineEndTests {
    @Test(
        "RFC 9112 §2.2, RFC 9110 §5.5: of every byte at every place, only CR LF ends a line and controls are refused"
    )
    func everyByte() {
        for length in 0..<20 {
            for place in 0..<max(1, length) {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    if length > 0 { bytes[place] = byte }
                    expect(bytes)
                    expect(bytes + [0x0D, 0x0A])
                    expect(bytes + [0x0D])
                }
            }
        }
    }

    @Test("A byte above 0x7F, or a tab, hides nothing that comes after it")
    func neighbours() {
        for first in [UInt8(0x80), 0x9F, 0xFF, 0x09, 0x20] {
            for second in UInt8.min...UInt8.max {
                expect([first, second, first, second, 0x61, 0x61, 0x61, 0x61, 0x0D, 0x0A])
            }
        }
    }

    /// Compares with a plain search.
    private func expect(_ bytes: [UInt8]) {
        let control = bytes.firstIndex { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
        switch LineEnd(in: bytes.span, from: 0) {
        case .missing(let searched):
            #expect(searched == control ?? bytes.count)
            #expect(control == nil || bytes[searched...] == [0x0D])
        case .found(let end):
            #expect(end == control)
            #expect(bytes[end...].starts(with: [0x0D, 0x0A]))
        case .malformed(let index):
            #expect(index == control)
            #expect(!bytes[index...].starts(with: [0x0D, 0x0A]) && bytes[index...] != [0x0D])
        }
    }
}
