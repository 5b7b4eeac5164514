import SCIM
import Storage

/// A state of the store, lent for the length of a closure.
package typealias Snapshot = any StoreSnapshot & ~Copyable

extension Store {
    /// Reads one consistent state; the core's errors pass through it.
    @inline(__always)
    package func reading<R>(
        _ body: (borrowing Snapshot) throws(DirectoryError) -> R
    ) throws(DirectoryError) -> R {
        var result: R?
        try lending { snapshot throws(DirectoryError) in result = try body(snapshot) }
        guard let result else { preconditionFailure("a snapshot is lent exactly once, or an error thrown") }
        return result
    }

    /// Lends one consistent state.
    ///
    /// For the busiest paths: with a result of a generic type, the runtime looks that type up on every call.
    package func lending(_ body: (borrowing Snapshot) throws(DirectoryError) -> Void) throws(DirectoryError) {
        var failure: DirectoryError?
        do throws(StoreError) {
            try lendSnapshot { snapshot in
                do throws(DirectoryError) { try body(snapshot) } catch { failure = error }
            }
        } catch {
            throw DirectoryError(error)
        }
        if let failure { throw failure }
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// Reads a row; nil if there is none.
    @inline(__always)
    package func row<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(DirectoryError) -> R? {
        do throws(StoreError) { return try read(key, body) } catch { throw DirectoryError(error) }
    }

    /// Shows a row, if there is one; for the busiest paths, as `lending` of the store.
    package func look(at key: Key, _ body: (Span<UInt8>, CommitVersion) -> Void) throws(DirectoryError) {
        do throws(StoreError) { try show(key, to: body) } catch { throw DirectoryError(error) }
    }

    /// Visits rows in key order.
    package func rows(
        prefix: Key,
        from start: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(DirectoryError) {
        do throws(StoreError) { try scan(prefix: prefix, from: start, body) } catch {
            throw DirectoryError(error)
        }
    }

    /// Visits rows in descending key order, from below `end`.
    package func rowsBackward(
        prefix: Key,
        before end: Key?,
        _ body: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep
    ) throws(DirectoryError) {
        do throws(StoreError) { try scanBackward(prefix: prefix, before: end, body) } catch {
            throw DirectoryError(error)
        }
    }

    /// The resource that has a value, as it is compared, of a unique attribute; nil if the attribute is not.
    @inline(__always)
    package func resources(
        having comparable: String,
        as attribute: ResolvedAttribute,
        tenant: UInt32,
        kind: ResourceKind,
        _ environment: DirectoryEnvironment
    ) throws(DirectoryError) -> [UniqueID]? {
        guard let unique = kind.indexes.first(where: { $0.isUnique && $0.attribute == attribute }) else {
            return nil
        }
        let value = IndexedValue(unique, text: comparable, sha256: environment.sha256)
        var ids: [UniqueID] = []
        try look(at: Keys.unique(tenant, kind.code, value)) { row, _ in
            if let id = UniqueID(bytes: row) { ids.append(id) }
        }
        return ids
    }

    /// The kind of the resource behind an id; nil if there is none.
    package func kind(
        of id: UniqueID,
        tenant: UInt32,
        among kinds: [ResourceKind]
    ) throws(DirectoryError) -> ResourceKind? {
        for kind in kinds where try row(Keys.record(tenant, kind.code, id), { _, _ in true }) == true {
            return kind
        }
        return nil
    }

    package func counter(_ key: Key) throws(DirectoryError) -> Int {
        Int(clamping: try row(key) { row, _ in Counter.value(of: row) ?? 0 } ?? 0)
    }
}
