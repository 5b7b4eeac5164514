import JSON
import Reactor
import Service
import TLS

/// The files of a backup.
///
/// ```
/// DIR/rows            the rows of the store, in the order of their keys
/// DIR/log             the records of the commit log that were written while the rows were read
/// DIR/manifest.json   what both are, written last: without it there is no backup
/// ```
enum BackupFolder {
    static let rows = "rows"
    static let log = "log"
    private static let mode: UInt32 = 0o700
    private static let partBytes = 4 << 20

    /// Makes the folder for a new backup; whether it was made, as it was not there.
    ///
    /// - Throws: ``CommandFailure`` if there is something in it.
    static func make(_ path: String) throws -> Bool {
        if let names = try Host.names(in: path) {
            guard names.isEmpty else {
                throw CommandFailure(.exists, "\(path) is not empty: each backup has a folder of its own.")
            }
            return false
        }
        try Host.makeFolder(path, mode: mode)
        return true
    }

    /// Compares the files of a backup with its manifest.
    ///
    /// `progress`: told how many bytes have been read, and how many there are.
    /// - Throws: ``CommandFailure`` that names the first file that is not as it was written.
    static func verify(
        _ manifest: BackupManifest,
        in folder: String,
        progress: (Int, Int) -> Void
    ) throws {
        let all = manifest.files.reduce(0) { $0 + $1.bytes }
        var done = 0
        for file in manifest.files {
            let path = "\(folder)/\(file.name)"
            guard file.name == rows || file.name == log, Host.exists(path) else {
                throw CommandFailure(.refused, "\(path) is missing.")
            }
            var digest = RunningDigest()
            var count = 0
            try readParts(of: path) { bytes in
                digest.add(bytes.span)
                count += bytes.count
                progress(done + count, all)
            }
            guard count == file.bytes, digest.finish().hexText == file.sha256 else {
                throw CommandFailure(.refused, "\(path) is damaged: it is not as it was written.")
            }
            done += count
        }
    }

    /// Reads a file from its beginning to its end.
    static func readParts(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let file = try InputFile(path: path)
        while true {
            let bytes = try file.read(bytesMax: partBytes)
            guard !bytes.isEmpty else { return }
            try body(bytes)
        }
    }
}

/// A file of a backup that is being written.
struct BackupFile: ~Copyable {
    private var file: OutputFile
    private var digest = RunningDigest()
    private let name: String
    private var bytes = 0
    private var unflushed = 0

    private static let mode: UInt32 = 0o600
    /// What the system may keep of it in memory before it is on the disk.
    private static let unflushedMax = 8 << 20

    init(_ name: String, in folder: String) throws {
        self.name = name
        file = try OutputFile(path: "\(folder)/\(name)", mode: Self.mode)
    }

    mutating func write(_ part: [UInt8]) throws {
        guard !part.isEmpty else { return }
        try file.write(part)
        digest.add(part.span)
        bytes += part.count
        unflushed += part.count
        guard unflushed >= Self.unflushedMax else { return }
        unflushed = 0
        try file.flush()
    }

    /// Makes the file durable and gives it its name.
    consuming func finish() throws -> BackupManifest.File {
        try file.finish()
        return BackupManifest.File(name: name, bytes: bytes, sha256: digest.finish().hexText)
    }
}
