import CLMDB
import Storage

/// How large the data file is, and what of it is in use.
package struct DataFileExtent: Sendable, Equatable {
    /// Of one page.
    package let pageBytes: Int
    /// The pages that the file has, in bytes.
    package let bytes: Int
    /// Of these, what later changes will use again: the file does not become smaller by itself.
    package let freeBytes: Int
    /// How large it may become.
    package let bytesMax: Int

    package var usedBytes: Int { bytes - freeBytes }

    /// Whether writing the file anew gives back enough to be worth it: a quarter of the file, and 64 MiB.
    package var isWorthCompacting: Bool { freeBytes >= bytes / 4 && freeBytes >= 64 << 20 }
}

extension LMDBStore {
    /// How large the data file is; walks through the list of its free pages.
    package func dataFile() throws(StoreError) -> DataFileExtent {
        var extent: DataFileExtent?
        // Whoever has a transaction keeps the file from being closed.
        try readers.withTransaction { _ throws(StoreError) in extent = try environment.extent() }
        guard let extent else { throw .closed }
        return extent
    }
}

extension Environment {
    /// How large the data file is.
    func extent() throws(StoreError) -> DataFileExtent {
        var information = unsafe MDB_envinfo()
        try StoreError.check(unsafe mdb_env_info(pointer, &information))
        let pageBytes = try pageBytes()
        return DataFileExtent(
            pageBytes: pageBytes,
            bytes: unsafe (Int(information.me_last_pgno) + 1) * pageBytes,
            freeBytes: try freePageCount() * pageBytes,
            bytesMax: unsafe Int(information.me_mapsize)
        )
    }

    private func pageBytes() throws(StoreError) -> Int {
        var status = MDB_stat()
        try StoreError.check(unsafe mdb_env_stat(pointer, &status))
        return Int(status.ms_psize)
    }
}
