import CLinux
import Glibc
import Locking
import Storage

/// A file of ``SystemLogDisk``.
///
/// Whole blocks are written past the system's cache, where the file system can: that is a copy, and the work on the
/// pages of the cache, less in each commit, and a segment that is made ahead takes no memory from what is read.
final class SystemLogFile: LogFile {
    private let descriptor: CInt
    /// The same file, for writes past the cache; -1 where there are none.
    private let direct: CInt
    private let blocks = Locked<AlignedBlocks?>(nil)

    init(path: String, flags: CInt) throws(StoreError) {
        descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, StoreFolder.fileMode)
        guard descriptor >= 0 else { throw StoreError(lmdb: errno) }
        direct = unsafe clinux_open_directly(path)
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
        if direct >= 0 { Glibc.close(direct) }
    }

    func byteCount() throws(StoreError) -> Int { Int(try status().st_size) }

    func modificationTime() throws(StoreError) -> Int64 { Int64(try status().st_mtim.tv_sec) }

    private func status() throws(StoreError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw StoreError(lmdb: errno) }
        return status
    }

    func read(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
        var failure: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                // The buffer has room for `count` bytes, of which `filled` are there.
                let got = unsafe pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(offset + filled)
                )
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    return
                }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard failure == 0 else { throw StoreError(lmdb: failure) }
        return bytes
    }

    func write(_ bytes: Span<UInt8>, at offset: Int, durably: Bool) throws(StoreError) -> Int {
        if let written = try writeDirectly(bytes, at: offset, durably: durably) { return written }
        // The span lives for the length of the call.
        return try unsafe bytes.withUnsafeBytes { bytes throws(StoreError) in
            try unsafe Self.write(bytes, to: descriptor, at: offset, durably: durably)
        }
    }

    func writeZeros(at offset: Int, count: Int) throws(StoreError) -> Int {
        let zeros = unsafe UnsafeRawBufferPointer(rebasing: AlignedBlocks.zeros.bytes.prefix(count))
        if let written = try unsafe writeDirectly(aligned: zeros, at: offset, durably: false) {
            return written
        }
        return try unsafe Self.write(zeros, to: descriptor, at: offset, durably: false)
    }

    /// Writes whole blocks past the cache; nil, with nothing written, if they are not such or the file system cannot.
    private func writeDirectly(
        _ bytes: Span<UInt8>,
        at offset: Int,
        durably: Bool
    ) throws(StoreError) -> Int? {
        guard takesDirectly(bytes.count, at: offset), bytes.count <= AlignedBlocks.byteCount else {
            return nil
        }
        return try blocks.withLock { blocks throws(StoreError) in
            let room = blocks ?? AlignedBlocks()
            blocks = room
            // Both live for the length of the call.
            unsafe bytes.withUnsafeBytes { unsafe room.bytes.copyMemory(from: $0) }
            let copy = unsafe UnsafeRawBufferPointer(rebasing: room.bytes.prefix(bytes.count))
            return try unsafe writeDirectly(aligned: copy, at: offset, durably: durably)
        }
    }

    private func writeDirectly(
        aligned bytes: UnsafeRawBufferPointer,
        at offset: Int,
        durably: Bool
    ) throws(StoreError) -> Int? {
        guard takesDirectly(bytes.count, at: offset) else { return nil }
        do throws(StoreError) {
            return try unsafe Self.write(bytes, to: direct, at: offset, durably: durably)
        } catch .system(code: EINVAL) {
            // Larger blocks than the log's.
            return nil
        }
    }

    private func takesDirectly(_ byteCount: Int, at offset: Int) -> Bool {
        direct >= 0 && (offset | byteCount) % LogFormat.blockBytes == 0
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: CInt,
        at offset: Int,
        durably: Bool
    ) throws(StoreError) -> Int {
        while true {
            let written =
                durably
                ? unsafe clinux_write_durably(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
                : unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            guard written < 0 else { return written }
            guard errno == EINTR else { throw StoreError(lmdb: errno) }
        }
    }

    func allocate(_ byteCount: Int) throws(StoreError) -> Bool {
        guard clinux_allocate(descriptor, off_t(byteCount)) != 0 else { return true }
        guard errno == EOPNOTSUPP || errno == ENOSYS else { throw StoreError(lmdb: errno) }
        return false
    }

    func truncate(_ byteCount: Int) throws(StoreError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw StoreError(lmdb: errno) }
    }

    func sync() throws(StoreError) {
        guard fdatasync(descriptor) == 0 else { throw StoreError(lmdb: errno) }
    }
}

/// Memory that begins where a block of the log would, as writes past the system's cache ask for.
///
/// `@unchecked Sendable`: whoever has it has a lock, or only reads.
@safe
private final class AlignedBlocks: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    /// Records that are larger go through the cache.
    static let byteCount = 1 << 20

    /// Only read.
    static let zeros: AlignedBlocks = {
        let blocks = AlignedBlocks()
        unsafe blocks.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        return blocks
    }()

    init() {
        unsafe bytes = .allocate(byteCount: Self.byteCount, alignment: LogFormat.blockBytes)
    }

    deinit { unsafe bytes.deallocate() }
}
