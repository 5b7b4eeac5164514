import CLinux
import Glibc

/// The machine that the process runs on: its clock, its environment, its users and its files.
///
/// The calls block; they are for starting, stopping and the command line, never for an event loop.
package enum Host {
    /// The wall clock in microseconds since 1970-01-01T00:00:00Z.
    package static func microsecondsSince1970() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    /// A variable of the environment; nil if it is not set or empty.
    package static func environment(_ name: String) -> String? {
        // Copied at once; nothing changes the environment once there are threads.
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Sets a variable of the environment, unless it is set already; only before the first thread is started.
    package static func setEnvironment(_ name: String, to value: String) {
        // The library copies both texts. If there is no memory for them, the variable is not set.
        _ = unsafe setenv(name, value, 0)
    }

    /// Has freed memory given back to the system, so that a bad hour does not stay in the memory of a server for days.
    package static func returnFreedMemory() { clinux_return_freed_memory() }

    /// The Unix user that the process runs as.
    package static var userID: UInt32 { geteuid() }

    /// The name of a Unix user; nil if there is none.
    package static func userName(_ id: UInt32) -> String? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4_096)
        // The entry points into the buffer, which lives until the name has been copied.
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress,
                unsafe getpwuid_r(id, &entry, start, buffer.count, &found) == 0, unsafe found != nil,
                let name = unsafe entry.pw_name
            else { return nil }
            return unsafe String(cString: name)
        }
    }

    /// Whether somebody watches the descriptor on a terminal.
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether a descriptor leads to the journal, where the service manager has opened it (`JOURNAL_STREAM`, systemd.exec(5)).
    package static func isJournal(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard let stream = environment("JOURNAL_STREAM"), unsafe fstat(descriptor, &status) == 0 else {
            return false
        }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// How many processors are there.
    package static var processorCount: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

    /// Keeps the calling thread, until another one ends the process.
    package static func waitForEver() -> Never {
        while true { pause() }
    }

    /// Writes a text to a descriptor, all of it, waiting for a slow reader; false if the reader has gone.
    @discardableResult
    package static func write(_ text: String, to descriptor: Int32) -> Bool {
        write(Array(text.utf8), to: descriptor)
    }

    /// Writes bytes in the same way.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        writeAll(bytes, to: descriptor) == 0
    }
}

// MARK: - Files

extension Host {
    /// Makes a folder and those above it, as far as they are missing; only the last one gets the mode.
    package static func makeFolder(_ path: String, mode: UInt32) throws(HostError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var current = path.hasPrefix("/") ? "" : "."
        for (index, part) in parts.enumerated() {
            current += "/" + part
            if unsafe mkdir(current, index == parts.count - 1 ? mode : 0o755) != 0, errno != EEXIST {
                throw HostError("make the folder \(current)", code: errno)
            }
        }
    }

    /// Whether there is something at a path.
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Whether a folder is there.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The Unix user that a file or folder belongs to; nil if it is not there.
    package static func owner(of path: String) -> UInt32? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return status.st_uid
    }

    /// The path without links and without `.` and `..`; its last parts need not be there.
    ///
    /// Nil if one of those that are not there is `.` or `..`.
    package static func resolvedPath(_ path: String) -> String? {
        // The text is copied before it is given back.
        if let found = unsafe realpath(path, nil) {
            defer { unsafe free(found) }
            return unsafe String(cString: found)
        }
        guard let slash = path.lastIndex(of: "/") else { return resolvedPath(".").map { "\($0)/\(path)" } }
        let (folder, name) = (path[..<slash], path[path.index(after: slash)...])
        if name.isEmpty, !folder.isEmpty { return resolvedPath(String(folder)) }
        guard !path.isEmpty, name != "..", name != "." else { return nil }
        return folder.isEmpty ? path : resolvedPath(String(folder)).map { "\($0)/\(name)" }
    }

    /// The content of a small file, or of its beginning; nil if there is no such file.
    ///
    /// `mayWait`: whether it may be a pipe too, as a shell makes one of `<(…)`, which whoever writes it may hold open for ever.
    /// - Throws: ``HostError`` with `EINVAL` if it is one all the same.
    package static func readFile(
        _ path: String,
        bytesMax: Int,
        mayWait: Bool = false
    ) throws(HostError) -> [UInt8]? {
        // Else a pipe without a writer would hold the thread before it can be refused.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw HostError("open \(path)", code: errno)
        }
        defer { close(descriptor) }
        if mayWait {
            guard fcntl(descriptor, F_SETFL, 0) == 0 else { throw HostError("open \(path)", code: errno) }
        } else if mode(descriptor) == S_IFIFO {
            throw HostError("open \(path), which must be a regular file and not a pipe", code: EINVAL)
        }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        var count = 0
        while count < bytesMax {
            // The buffer lives for the call, and the count stays inside it.
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress?.advanced(by: count), bytesMax - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw HostError("read \(path)", code: errno) }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    /// Of which kind an open file is; 0 if that cannot be told.
    private static func mode(_ descriptor: CInt) -> mode_t {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
    }

    /// Replaces a small file: readers see the old content or the new one, never a part of it.
    package static func replaceFile(_ path: String, with bytes: [UInt8], mode: UInt32) throws(HostError) {
        let new = path + ".new"
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw HostError("open \(new)", code: errno) }
        var code = writeAll(bytes, to: descriptor)
        if code == 0, fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        guard code == 0 else { throw HostError("write \(new)", code: code) }
        guard unsafe rename(new, path) == 0 else { throw HostError("rename \(new)", code: errno) }
    }

    /// Removes a file; one that is not there is no error.
    package static func removeFile(_ path: String) throws(HostError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw HostError("remove \(path)", code: errno)
        }
    }

    /// The names of what is in a folder, in their order; nil if there is no such folder.
    package static func names(in folder: String) throws(HostError) -> [String]? {
        guard let directory = unsafe opendir(folder) else {
            if errno == ENOENT { return nil }
            throw HostError("open the folder \(folder)", code: errno)
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // The entry is valid until the next call; its name ends with a zero within the array.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes the names of new files in a folder durable.
    package static func syncFolder(_ path: String) throws(HostError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HostError("open the folder \(path)", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw HostError("write the folder \(path)", code: errno) }
    }

    /// Removes a folder that is empty; one that is not there is no error.
    package static func removeFolder(_ path: String) throws(HostError) {
        guard unsafe rmdir(path) == 0 || errno == ENOENT else {
            throw HostError("remove the folder \(path)", code: errno)
        }
    }

    /// A second descriptor of the same open file or socket, which the caller closes.
    package static func duplicate(_ descriptor: Int32) throws(HostError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw HostError("duplicate a descriptor", code: errno) }
        return copy
    }

    /// Writes all of the bytes to a file, or to a socket, whose other end may be gone without the signal that ends a process.
    ///
    /// - Returns: 0 or the system's error.
    static func writeAll(_ bytes: [UInt8], to descriptor: CInt, isSocket: Bool = false) -> CInt {
        var sent = 0
        while sent < bytes.count {
            // The array lives for the call, and the count stays inside it.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return isSocket
                    ? unsafe send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                    : unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            sent += count
        }
        return 0
    }
}
