import Storage

/// The files of a log's folder, as the log uses them; tests put a disk in its place that fails, or loses
/// power.
package protocol LogDisk: Sendable {
    /// The names of all files.
    func names() throws(StoreError) -> [String]

    /// Opens a file that is there.
    func open(_ name: String) throws(StoreError) -> any LogFile

    /// Makes a file, or empties the one that has the name.
    func create(_ name: String) throws(StoreError) -> any LogFile

    /// Gives a file another name, in place of the file that had it.
    func rename(_ name: String, to newName: String) throws(StoreError)

    func remove(_ name: String) throws(StoreError)

    /// Makes all names durable that were given so far.
    func syncNames() throws(StoreError)
}

/// A file of the log; closed when nobody holds it any more.
package protocol LogFile: AnyObject, Sendable {
    func byteCount() throws(StoreError) -> Int

    /// When the file was last written, in seconds since 1970.
    func modificationTime() throws(StoreError) -> Int64

    /// Reads bytes; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(StoreError) -> [UInt8]

    /// Writes bytes, and makes them durable if asked to.
    ///
    /// - Returns: how many were written, which may be fewer; then nothing is said of their durability.
    /// - Throws: after which any part may have been written.
    func write(_ bytes: Span<UInt8>, at offset: Int, durably: Bool) throws(StoreError) -> Int

    /// Writes zeros, not durably, at a multiple of a block.
    ///
    /// - Returns: how many were written, which may be fewer.
    func writeZeros(at offset: Int, count: Int) throws(StoreError) -> Int

    /// Takes room on the disk up to a size, so that no later write finds it full; false if the file system
    /// cannot.
    func allocate(_ byteCount: Int) throws(StoreError) -> Bool

    /// Cuts the file.
    func truncate(_ byteCount: Int) throws(StoreError)

    /// Makes the whole file durable, but not its name.
    func sync() throws(StoreError)
}

extension LogFile {
    /// Writes all of the bytes; see ``write(_:at:durably:)``.
    func writeAll(_ bytes: Span<UInt8>, at offset: Int, durably: Bool) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let count = try write(
                bytes.extracting(droppingFirst: written),
                at: offset + written,
                durably: durably
            )
            // A disk that takes nothing, and does not say why, is full.
            guard count > 0 else { throw .full }
            written += count
        }
    }
}
