import Directory
import Locking
import SCIM
import Storage
import Tenancy

/// What the cursors of a store are sealed with: 32 random bytes.
package struct CursorKey: Sendable {
    static let byteCount = 32

    let bytes: [UInt8]
}

/// The store's key, once it has been read.
final class CursorKeyCache: Sendable {
    private let key = Locked<CursorKey?>(nil)

    var known: CursorKey? { key.withLock { $0 } }

    func keep(_ key: CursorKey) { self.key.withLock { $0 = key } }
}

extension ResourceQueries {
    /// The store's key if it has been read; ``readCursorKey()`` reads it.
    package var cursorKey: CursorKey? { cursorKeyCache.known }

    /// Reads the store's key, which outlives a restart; the first call of all makes it.
    package func readCursorKey() async throws(DirectoryError) -> CursorKey {
        let key = try await directory.retrying { () throws(DirectoryError) -> CursorKey? in
            let stored = try directory.store.reading { snapshot throws(DirectoryError) in
                try snapshot.row(Keys.cursorKey) { row, _ in [UInt8](copying: row) }
            }
            if let stored {
                guard stored.count == CursorKey.byteCount else { throw .storage(.corrupt("cursor key")) }
                return CursorKey(bytes: stored)
            }
            var bytes: [UInt8] = []
            while bytes.count < CursorKey.byteCount {
                let (a, b) = environment.randomness()
                bytes.appendBigEndian(a)
                bytes.appendBigEndian(b)
            }
            var changes = Changeset()
            changes.preconditions = [.absent(Keys.cursorKey)]
            changes.mutations = [.put(Keys.cursorKey, bytes)]
            do throws(StoreError) { _ = try await directory.store.commit(changes) } catch .conflict {
                // Somebody else has made it.
                return nil
            } catch {
                throw DirectoryError(error)
            }
            return CursorKey(bytes: bytes)
        }
        cursorKeyCache.keep(key)
        return key
    }

    /// The cursors of a query over resources of `kinds`; each is good for `lifetimeSeconds`.
    package func cursors(
        of parameters: QueryParameters,
        kinds: [ResourceKind],
        access: TenantAccess,
        lifetimeSeconds: Int,
        key: CursorKey
    ) -> ListCursors {
        ListCursors(
            key: key,
            parameters: parameters,
            kinds: kinds,
            access: access,
            lifetimeSeconds: lifetimeSeconds,
            environment
        )
    }
}
