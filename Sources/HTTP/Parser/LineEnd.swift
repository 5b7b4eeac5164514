// RFC 9112 §2.2: a line ends with CR LF. A bare CR, a bare LF and every other control character but the tab are refused
// where they stand (RFC 9110 §5.5), so that whoever takes a line need not look for them.

/// Where a line ends.
enum LineEnd {
    /// There is neither an end nor anything wrong before this place, from which the search goes on.
    case missing(searched: Int)
    /// The CR of the CR LF is here.
    case found(Int)
    /// Here is a byte that no line contains.
    case malformed(Int)

    /// Looks from `start` on, which lies inside the line.
    init(in bytes: Span<UInt8>, from start: Int) {
        let index = Self.firstControl(in: bytes, from: start)
        self =
            if index == bytes.count {
                .missing(searched: index)
            } else if bytes[index] != ASCII.carriageReturn {
                .malformed(index)
            } else if index + 1 == bytes.count {
                .missing(searched: index)
            } else {
                bytes[index + 1] == ASCII.lineFeed ? .found(index) : .malformed(index)
            }
    }

    static let refusal = Rejection.malformed("a line has a control character, or does not end with CR LF")

    /// The first byte from `start` on that no field value contains; `bytes.count` if there is none.
    static func firstControl(in bytes: Span<UInt8>, from start: Int) -> Int {
        bytes.withUnsafeBytes { bytes in
            var index = start
            while true {
                // Eight at a time while none of them is below 0x20 or is 0x7F; one by one where one of them is.
                while index + 8 <= bytes.count {
                    let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    let flipped = word ^ 0x7F7F_7F7F_7F7F_7F7F
                    let below = (word &- 0x2020_2020_2020_2020) & ~word
                    let delete = (flipped &- 0x0101_0101_0101_0101) & ~flipped
                    guard (below | delete) & 0x8080_8080_8080_8080 == 0 else { break }
                    index += 8
                }
                let end = min(index + 8, bytes.count)
                while index < end {
                    guard isFieldValueByte(bytes[index]) else { return index }
                    index += 1
                }
                if end == bytes.count { return end }
            }
        }
    }
}
