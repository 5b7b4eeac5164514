import CLMDB

extension LMDBStore {
    /// The version of LMDB that the process has loaded, `0.9.24`.
    package static var libraryVersion: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        // The library fills in the three numbers; its text has them and a date.
        _ = unsafe mdb_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
