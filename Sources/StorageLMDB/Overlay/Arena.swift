/// Memory that is given out in pieces and given back as a whole.
///
/// `@unchecked Sendable`: one thread allocates; others read what it has published to them.
@safe
final class Arena: @unchecked Sendable {
    private var chunks: [UnsafeMutableRawPointer] = unsafe []
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    /// What all chunks take.
    private(set) var byteCount = 0
    /// What was given out.
    private(set) var usedBytes = 0

    private static let chunkBytes = 1 << 20
    private static let firstChunkBytes = 64 << 10
    private static let alignment = 16

    deinit {
        // Whoever reads what lies here holds self.
        unsafe chunks.forEach { unsafe $0.deallocate() }
    }

    /// Gives out memory that is aligned for any word; it lives as long as self.
    func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let count = (count + 7) & ~7
        if count > left { addChunk(count) }
        guard let place = unsafe next else { preconditionFailure("a chunk was added") }
        unsafe next = unsafe place.advanced(by: count)
        left -= count
        usedBytes += count
        return unsafe place
    }

    private func addChunk(_ count: Int) {
        // The first is small: a store that is opened for one command has a few rows.
        let isFirst = unsafe chunks.isEmpty
        let size = max(count, isFirst ? Self.firstChunkBytes : Self.chunkBytes)
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
        unsafe chunks.append(chunk)
        unsafe next = unsafe chunk
        left = size
        byteCount += size
    }
}
