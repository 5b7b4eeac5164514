/// Writes the chunked transfer coding (RFC 9112 §7.1).
package enum ChunkEncoder {
    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
    /// The last chunk, and no trailer.
    private static let end = Array("0\r\n\r\n".utf8)

    /// Some of a content as a chunk, and the last chunk behind it if that was all.
    ///
    /// Nothing is no chunk, as one without bytes would end the content.
    package static func chunk(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(bytes.count + 32)
        if !bytes.isEmpty {
            chunk += String(bytes.count, radix: 16).utf8
            chunk += lineEnd
            chunk += bytes
            chunk += lineEnd
        }
        if isLast { chunk += end }
        return chunk
    }
}
