import HTTP

/// An answer that is sent while it is written.
///
/// ```
///   part ─► chunk ─► unsent bytes ─► socket
///    ▲                    │
///    └── the next one ◄───┘  once few are left
/// ```
struct StreamedAnswer {
    let source: any ContentStream
    /// Without chunks, as HTTP/1.0 has none, the end of the connection is that of the content.
    let isChunked: Bool
    let closes: Bool
    /// Whether the next part is being written.
    var isPartUnderWay = false
}

extension Connection {
    /// The next part is written when no more than this waits to be sent.
    private static let unsentBytesMax = 64 * 1024

    /// Where the next part comes from, if it is time for that.
    func partDue() -> (any ContentStream)? {
        guard let streamed, !streamed.isPartUnderWay, backlog <= Self.unsentBytesMax else { return nil }
        self.streamed?.isPartUnderWay = true
        return streamed.source
    }

    /// Begins to send an answer whose head is in the loop's output.
    func begin(_ answer: StreamedAnswer, with bytes: [UInt8]) {
        streamed = answer
        append(bytes, isLast: false, answer)
    }

    /// Takes the next part and goes on.
    func finish(_ part: ContentPart) -> Next {
        guard let streamed, streamed.isPartUnderWay else { return .wait }
        self.streamed?.isPartUnderWay = false
        task = nil
        switch part {
        case .more(let bytes): append(bytes, isLast: false, streamed)
        case .last(let bytes):
            append(bytes, isLast: true, streamed)
            endStream()
        case .broken:
            // A client that speaks HTTP/1.1 misses the last chunk; to another one an orderly end would look like the content's.
            breaksOff = !streamed.isChunked
            return .close
        }
        return advance()
    }

    private func append(_ bytes: [UInt8], isLast: Bool, _ answer: StreamedAnswer) {
        keepOwn()
        if answer.isChunked {
            output.append(ChunkEncoder.chunk(bytes, isLast: isLast))
        } else {
            output.append(bytes)
        }
        countOutput()
    }
}
