import Glibc
import Storage

/// The folder of a store, locked: one process, and one place in it, has it at a time.
struct StoreFolder: ~Copyable {
    let path: String
    private let lockDescriptor: CInt

    private static let folderMode: mode_t = 0o700
    static let fileMode: mode_t = 0o600
    private static let holderBytesMax = 64

    /// Makes the folder if it is not there, and takes its lock.
    ///
    /// - Throws: ``StoreError/inUse(holder:)`` if somebody else has the lock.
    init(path: String) throws(StoreError) {
        let descriptor = try StoreFolder.lock(path)
        self.path = path
        lockDescriptor = descriptor
    }

    deinit {
        // Closing alone would not do: a process that is being spawned holds the descriptor until it executes.
        flock(lockDescriptor, LOCK_UN)
        Glibc.close(lockDescriptor)
    }

    private static func lock(_ path: String) throws(StoreError) -> CInt {
        // The path's C string lives for the length of each call, here and below.
        if unsafe mkdir(path, folderMode) != 0, errno != EEXIST { throw .system(code: errno) }
        let descriptor = unsafe open(path + "/store.lock", O_RDWR | O_CREAT | O_CLOEXEC, fileMode)
        guard descriptor >= 0 else { throw .system(code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else { throw .system(code: code) }
            throw .inUse(holder: holder(path))
        }
        noteHolder(descriptor)
        return descriptor
    }

    /// Writes into the locked file which process has it; failure costs a later message its number only.
    private static func noteHolder(_ descriptor: CInt) {
        let text = Array("pharos-scim (pid \(getpid()))".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        // The array lives for the call.
        _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Which process has the lock, as it has written; nil if that cannot be read.
    private static func holder(_ path: String) -> String? {
        let descriptor = unsafe open(path + "/store.lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var text = [UInt8](repeating: 0, count: holderBytesMax)
        // The buffer lives for the call, and is as long as said.
        let count = unsafe text.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0, text[..<count].allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        return String(decoding: text[..<count], as: UTF8.self)
    }

    /// Makes the names of new files durable; LMDB syncs its files but not their folder.
    func syncNames() throws(StoreError) {
        for folder in [path, path + "/.."] {
            let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .system(code: errno) }
            let code = fsync(descriptor) == 0 ? 0 : errno
            Glibc.close(descriptor)
            guard code == 0 else { throw .system(code: code) }
        }
    }
}
