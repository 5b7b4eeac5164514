extension OutputSpan where Element == UInt8 {
    /// Appends the eight bytes of a word as they lie in memory, in one store; there must be room for them.
    @inline(__always)
    mutating func append(word: UInt64) {
        let start = count
        append(repeating: 0, count: 8)
        var span = mutableSpan
        var bytes = span.mutableBytes
        bytes.storeBytes(of: word, toByteOffset: start, as: UInt64.self)
    }

    /// Appends a constant, for which there must be room, without counting a reference to it.
    @inline(__always)
    mutating func append(_ text: StaticString) { text.withUTF8Buffer { append(all: $0.span) } }

    /// Appends every byte of a span, for which there must be room, eight at a time.
    @inline(__always)
    mutating func append(all bytes: Span<UInt8>) {
        var place = 0
        while place &+ 8 <= bytes.count {
            append(word: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
            place &+= 8
        }
        while place < bytes.count {
            append(bytes[place])
            place &+= 1
        }
    }
}
