import CLinux
import Glibc

/// A regular file that is read from its beginning to its end, a part at a time.
///
/// The calls block; they are for the command line.
package struct InputFile: ~Copyable {
    private let descriptor: CInt
    private let path: String
    /// The file's size when it was opened.
    package let byteCount: Int

    /// Opens a file.
    ///
    /// - Throws: ``HostError`` with `EINVAL` if it is no regular file: what is read twice cannot be a pipe.
    package init(path: String) throws(HostError) {
        // Else a pipe without a writer would hold the thread before it can be refused.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw HostError("open \(path)", code: errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw HostError("open \(path), which must be a regular file", code: EINVAL)
        }
        self.descriptor = descriptor
        self.path = path
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The next bytes, at most so many; none at the end.
    package borrowing func read(bytesMax: Int) throws(HostError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        while true {
            // The buffer lives for the call, and has room for the count.
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, bytesMax)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw HostError("read \(path)", code: errno) }
            bytes.removeSubrange(count...)
            return bytes
        }
    }
}

/// A file that takes its name only when it is complete: readers see the old content or all of the new one.
package struct OutputFile: ~Copyable {
    private let descriptor: CInt
    private let path: String
    private var isFinished = false

    /// How often the file is opened anew because others have just finished theirs of the same name.
    private static let attemptsMax = 10

    private var partPath: String { "\(path).part" }

    /// Makes a file that only its owner may read, if `mode` says so.
    ///
    /// What a process that was killed has left is written over.
    /// - Throws: ``HostError`` with `EWOULDBLOCK` if another process writes the same file.
    package init(path: String, mode: UInt32) throws(HostError) {
        self.path = path
        descriptor = try Self.openAlone("\(path).part", mode)
    }

    /// Opens a file that nobody else has open in this way, and makes it empty.
    private static func openAlone(_ part: String, _ mode: UInt32) throws(HostError) -> CInt {
        for _ in 0..<attemptsMax {
            let descriptor = unsafe open(part, O_WRONLY | O_CREAT | O_CLOEXEC, mode)
            guard descriptor >= 0 else { throw HostError("open \(part)", code: errno) }
            var opened = stat()
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe fstat(descriptor, &opened) == 0 else {
                close(descriptor)
                break
            }
            // Who had it before may have given it its name, or removed it, since it was opened.
            var named = stat()
            guard unsafe stat(part, &named) == 0, named.st_ino == opened.st_ino else {
                close(descriptor)
                continue
            }
            guard ftruncate(descriptor, 0) == 0 else {
                let code = errno
                close(descriptor)
                throw HostError("write \(part)", code: code)
            }
            return descriptor
        }
        throw HostError("write \(part), which another process is writing", code: EWOULDBLOCK)
    }

    deinit {
        close(descriptor)
        if !isFinished { _ = unsafe unlink(partPath) }
    }

    package borrowing func write(_ bytes: [UInt8]) throws(HostError) {
        let code = Host.writeAll(bytes, to: descriptor)
        guard code == 0 else { throw HostError("write \(partPath)", code: code) }
    }

    /// Makes what was written so far durable, and gives the memory back that holds it.
    ///
    /// A long file that is left to the system is written all at once some day, and others who write to the disk wait for it.
    package borrowing func flush() throws(HostError) {
        guard fdatasync(descriptor) == 0 else { throw HostError("write \(partPath)", code: errno) }
        posix_fadvise(descriptor, 0, 0, CInt(POSIX_FADV_DONTNEED))
    }

    /// Makes the content durable and gives the file its name.
    package mutating func finish() throws(HostError) {
        guard fsync(descriptor) == 0 else { throw HostError("write \(partPath)", code: errno) }
        guard unsafe rename(partPath, path) == 0 else { throw HostError("rename \(partPath)", code: errno) }
        isFinished = true
    }
}

/// A copy of standard input in a file without a name, which is gone when this is, or the process.
package final class SpooledInput: Sendable {
    private let descriptor: CInt
    /// Where this process can open it, as long as this is there.
    package var path: String { "/proc/self/fd/\(descriptor)" }

    private static let blockBytes = 256 * 1_024

    /// Reads all of standard input, at most so many bytes, into the folder for temporary files (`TMPDIR`, or `/var/tmp`).
    ///
    /// - Throws: ``HostError`` with `EFBIG` if there is more.
    package init(bytesMax: Int) throws(HostError) {
        let folder = Host.environment("TMPDIR") ?? "/var/tmp"
        let descriptor = unsafe clinux_open_unnamed(folder)
        guard descriptor >= 0 else { throw HostError("make a temporary file in \(folder)", code: errno) }
        self.descriptor = descriptor
        try Self.copy(to: descriptor, in: folder, bytesMax)
    }

    private static func copy(to descriptor: CInt, in folder: String, _ bytesMax: Int) throws(HostError) {
        var total = 0
        var block = [UInt8](repeating: 0, count: blockBytes)
        while true {
            // The buffer lives for the call, and is as long as said.
            let count = unsafe block.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw HostError("read standard input", code: errno) }
            if count == 0 { return }
            total += count
            guard total <= bytesMax else { throw HostError("keep so much of standard input", code: EFBIG) }
            let code = Host.writeAll(Array(block[..<count]), to: descriptor)
            guard code == 0 else { throw HostError("write a temporary file in \(folder)", code: code) }
        }
    }

    deinit { close(descriptor) }
}
