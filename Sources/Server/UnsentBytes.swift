/// What a client has not read yet of the answers to it: a queue of bytes in pieces, so that a long answer is not copied.
struct UnsentBytes {
    /// Pieces up to this size are made one.
    private static let joinedBytesMax = 64 * 1024

    private var pieces: [[UInt8]] = []
    /// Where the first piece begins that is not sent.
    private var start = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Memory that the pieces take.
    var memory: Int { pieces.reduce(0) { $0 + $1.capacity } }

    /// Adds a copy of the bytes.
    mutating func append(copying bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        if let last = pieces.indices.last, pieces[last].count + bytes.count <= Self.joinedBytesMax {
            pieces[last].append(contentsOf: bytes)
        } else {
            pieces.append(Array(bytes))
        }
    }

    /// Adds the bytes as they are.
    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        pieces.append(bytes)
    }

    /// Hands `send` the first bytes, at most so many of them, and drops as many as it says it has taken.
    ///
    /// - Returns: what `send` returns. Nil if there are no bytes, or the maximum is not positive.
    mutating func withFirst(_ most: Int, _ send: ([UInt8], Range<Int>) -> Int?) -> Int? {
        guard let piece = pieces.first, most > 0 else { return nil }
        let range = start..<min(piece.count, start + most)
        guard let sent = send(piece, range) else { return nil }
        start += sent
        count -= sent
        if start == piece.count {
            pieces.removeFirst()
            start = 0
        }
        return sent
    }
}
