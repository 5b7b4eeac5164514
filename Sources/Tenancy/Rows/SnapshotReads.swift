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

    /// The resources that have a value, as it is compared, of a unique or indexed attribute.
    ///
    /// Nil if the attribute is neither, or if more than `limit` resources have the value.
    @inline(__always)
    package func resources(
        having comparable: String,
        as attribute: ResolvedAttribute,
        tenant: UInt32,
        kind: ResourceKind,
        limit: Int,
        _ environment: DirectoryEnvironment
    ) throws(DirectoryError) -> [UniqueID]? {
        func value(_ attribute: IndexedAttribute) -> Keys.IndexedValue {
            Keys.IndexedValue(attribute: attribute.path, comparable: comparable, sha256: environment.sha256)
        }
        if let unique = kind.uniqueAttributes.first(where: { $0.attribute == attribute }) {
            let key = Keys.unique(tenant, kind.code, value(unique))
            var ids: [UniqueID] = []
            try look(at: key) { row, _ in
                if let id = UniqueID(bytes: row) { ids.append(id) }
            }
            return ids
        }
        guard let indexed = kind.indexedAttributes.first(where: { $0.attribute == attribute }) else {
            return nil
        }
        var ids: [UniqueID] = []
        let prefix = Keys.index(tenant, kind.code, value(indexed))
        let keyBytes = prefix.bytes.count + UniqueID.byteCount
        try rows(prefix: prefix, from: nil) { key, _, _ in
            // A longer key belongs to a longer value that begins like this one.
            if key.count == keyBytes, let id = Keys.id(fromKey: key) { ids.append(id) }
            return ids.count <= limit ? .more : .stop
        }
        return ids.count <= limit ? ids : nil
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
