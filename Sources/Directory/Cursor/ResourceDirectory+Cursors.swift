import Locking
import SCIM
import Storage

/// The key that seals the cursors of a store, once it has been read.
final class CursorKey: Sendable {
    /// Bytes of the key.
    static let byteCount = 32

    private let bytes = Locked<[UInt8]?>(nil)

    var known: [UInt8]? { bytes.withLock { $0 } }

    func keep(_ key: [UInt8]) { bytes.withLock { $0 = key } }
}

extension ResourceDirectory {
    /// The cursors of a query over resources of `kinds`; each is good for `lifetimeSeconds`.
    ///
    /// The first call of all makes the store's key.
    package func cursors(
        of parameters: QueryParameters,
        kinds: [ResourceKind],
        access: TenantAccess,
        lifetimeSeconds: Int
    ) async throws(DirectoryError) -> ListCursors {
        ListCursors(
            key: try await cursorSecret(),
            parameters: parameters,
            kinds: kinds,
            access: access,
            lifetimeSeconds: lifetimeSeconds,
            environment
        )
    }

    /// The key, from the store, so that cursors outlive a restart.
    private func cursorSecret() async throws(DirectoryError) -> [UInt8] {
        if let known = cursorKey.known { return known }
        let key = try await retrying { () throws(DirectoryError) -> [UInt8]? in
            let stored = try store.reading { snapshot throws(DirectoryError) in
                try snapshot.row(Keys.cursorKey) { row, _ in [UInt8](copying: row) }
            }
            if let stored {
                guard stored.count == CursorKey.byteCount else { throw .storage(.corrupt("cursor key")) }
                return stored
            }
            var key: [UInt8] = []
            for _ in 0..<2 {
                let (a, b) = environment.randomness()
                key.appendBigEndian(a)
                key.appendBigEndian(b)
            }
            var changes = Changeset()
            changes.preconditions = [.absent(Keys.cursorKey)]
            changes.mutations = [.put(Keys.cursorKey, key)]
            do throws(StoreError) { _ = try await store.commit(changes) } catch .conflict {
                // Somebody else has made it.
                return nil
            } catch {
                throw DirectoryError(error)
            }
            return key
        }
        cursorKey.keep(key)
        return key
    }
}
