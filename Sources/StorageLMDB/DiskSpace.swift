import Glibc

/// What a file system has left.
enum DiskSpace {
    /// Below this a disk counts as full: a batch of commits may need as much at once.
    static let bytesMin: UInt64 = 8 << 20

    /// Whether the file system of a path has next to nothing left; false if that cannot be found out.
    static func isUsedUp(at path: String) -> Bool { freeBytes(at: path).map { $0 < bytesMin } ?? false }

    /// What the file system of a path has left for this user; nil if that cannot be found out.
    static func freeBytes(at path: String) -> UInt64? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        // What is kept back for root is of use only to root.
        let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
        return UInt64(blocks) * UInt64(status.f_frsize)
    }
}
