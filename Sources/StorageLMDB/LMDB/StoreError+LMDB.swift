import CLMDB
import Glibc
import Storage

extension StoreError {
    /// Translates LMDB's return codes, which are its own (negative) or the system's (positive).
    package init(lmdb code: CInt) {
        self =
            switch code {
            case MDB_MAP_FULL, MDB_TXN_FULL, MDB_CURSOR_FULL, ENOSPC, EDQUOT: .full
            case MDB_READERS_FULL: .busy
            case MDB_BAD_VALSIZE: .tooLarge
            case MDB_CORRUPTED: .corrupt("a page of the store is damaged")
            case MDB_PAGE_NOTFOUND: .corrupt("a page of the store is missing")
            case MDB_INVALID: .corrupt("the data file is not an LMDB file")
            case MDB_VERSION_MISMATCH: .corrupt("the data file has another LMDB version")
            default: .system(code: code)
            }
    }

    /// Throws unless the code is 0.
    static func check(_ code: CInt) throws(StoreError) {
        guard code == 0 else { throw StoreError(lmdb: code) }
    }
}
