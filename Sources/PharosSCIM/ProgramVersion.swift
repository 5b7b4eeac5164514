import Reactor
import Storage
import StorageLMDB
import TLS

/// The version of the program, as `service.start` records it.
let programVersion = "0.2.0"

/// What `--version` prints: what the program was built from, the libraries that it has loaded, and the stores that it reads.
enum ProgramVersion {
    private static let unknown = "unknown; scripts/build tells it"

    static var text: String {
        """
        pharos-scim \(programVersion)
        Commit: \(BuildOrigin.commit ?? unknown)
        Swift: \(BuildOrigin.swift ?? unknown)
        OpenSSL: \(TLSContext.libraryVersion)
        LMDB: \(LMDBStore.libraryVersion)
        Store format: \(StoreInfo.currentFormatVersion)
        """
    }
}
