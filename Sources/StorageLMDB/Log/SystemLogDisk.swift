import CLinux
import Glibc
import Storage

/// The log's folder on the real disk.
struct SystemLogDisk: LogDisk {
    let folder: String

    private static let folderMode: mode_t = 0o700

    /// Makes the folder if it is not there.
    init(folder: String) throws(StoreError) {
        self.folder = folder
        // The path's C string lives for the length of the call, here and below.
        if unsafe mkdir(folder, Self.folderMode) == 0 {
            // The data file must not name a log whose folder a power cut takes away.
            try Self.syncNames(in: folder + "/..")
        } else if errno != EEXIST {
            throw StoreError(lmdb: errno)
        }
    }

    func names() throws(StoreError) -> [String] {
        guard let directory = unsafe opendir(folder) else { throw StoreError(lmdb: errno) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                guard errno == 0 else { throw StoreError(lmdb: errno) }
                return names.filter { $0 != "." && $0 != ".." }
            }
            // The entry is valid until the next call; its name ends with a zero within the array.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
    }

    func open(_ name: String) throws(StoreError) -> any LogFile {
        try SystemLogFile(path: path(name), flags: O_RDWR)
    }

    func create(_ name: String) throws(StoreError) -> any LogFile {
        try SystemLogFile(path: path(name), flags: O_RDWR | O_CREAT | O_TRUNC)
    }

    func rename(_ name: String, to newName: String) throws(StoreError) {
        let code = unsafe Glibc.rename(path(name), path(newName))
        guard code == 0 else { throw StoreError(lmdb: errno) }
    }

    func remove(_ name: String) throws(StoreError) {
        let code = unsafe unlink(path(name))
        guard code == 0 || errno == ENOENT else { throw StoreError(lmdb: errno) }
    }

    func syncNames() throws(StoreError) { try Self.syncNames(in: folder) }

    static func syncNames(in folder: String) throws(StoreError) {
        let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(lmdb: errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError(lmdb: errno) }
    }

    private func path(_ name: String) -> String { folder + "/" + name }
}

/// A file of ``SystemLogDisk``.
private final class SystemLogFile: LogFile {
    private let descriptor: CInt

    init(path: String, flags: CInt) throws(StoreError) {
        descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, StoreFolder.fileMode)
        guard descriptor >= 0 else { throw StoreError(lmdb: errno) }
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
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
        while true {
            // The span lives for the length of the call.
            let written = unsafe bytes.withUnsafeBufferPointer { buffer in
                durably
                    ? unsafe clinux_write_durably(
                        descriptor,
                        buffer.baseAddress,
                        buffer.count,
                        off_t(offset)
                    )
                    : unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            }
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
