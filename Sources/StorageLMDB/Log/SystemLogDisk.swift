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
