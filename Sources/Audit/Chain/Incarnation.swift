package import Storage

/// Under which ids a store's trail is known: the store's own, until an older copy of it was put back.
///
///     key    F0 03
///     value  the ids, 16 bytes each, the first one first
///
/// Whoever puts a copy back says so (``restore(to:store:digest:)``), and what follows has an id of its own, `SCIM_STORE`: its numbers may have
/// been given before, to other records. Who does not say so makes two records with one number, which a verification finds.
package struct Incarnation: Sendable, Equatable {
    package let ids: [UniqueID]

    /// More restores than anybody makes.
    package static let idsMax = 1_000
    private static let key = Key([AuditOutbox.keySpace, 0x03])

    /// The id that new records have.
    package var current: UniqueID { ids[ids.count - 1] }

    /// Reads the ids of a store.
    package init(_ snapshot: borrowing any StoreSnapshot & ~Copyable) throws(StoreError) {
        let stored = try snapshot.read(Self.key) { value, _ -> [UniqueID]? in
            guard value.count > 0, value.count % 16 == 0 else { return nil }
            return stride(from: 0, to: value.count, by: 16).compactMap { UniqueID(bytes: value, at: $0) }
        }
        switch stored {
        case .none: ids = [try snapshot.info().storeID]
        case .some(.none): throw .corrupt("the row of the trail's ids is malformed")
        case .some(.some(let ids)): self.ids = ids
        }
    }

    package init(of store: any Store) throws(StoreError) {
        self = try store.withSnapshot { snapshot throws(StoreError) in try Incarnation(snapshot) }
    }

    /// What begins a new incarnation of a store: its id, what each stream's next record names, and a record that tells of it.
    ///
    /// - Parameters:
    ///   - id: new.
    ///   - store: the store, which no other process uses.
    ///   - digest: computes hashes.
    ///   - actor: who has put the copy back.
    /// - Returns: the changeset.
    /// - Throws: ``StoreError``.
    package static func restore(
        to id: UniqueID,
        store: any Store,
        digest: TrailDigest,
        by actor: AuditActor
    ) throws(StoreError) -> Changeset {
        try store.withSnapshot { snapshot throws(StoreError) in
            let old = try Incarnation(snapshot)
            guard old.ids.count < idsMax else { throw .corrupt("the trail has too many ids") }
            var value: [UInt8] = []
            for id in old.ids + [id] { id.append(bytesTo: &value) }
            var changeset = Changeset([.put(key, value), .delete(CheckpointState.key)])
            for (stream, head) in try ChainHead.all(snapshot) {
                let anchor = digest.restored(
                    store: id.journalText,
                    from: old.current.journalText,
                    stream: stream,
                    sequence: head.sequence,
                    head: head.hash
                )
                let next = ChainHead(sequence: head.sequence, hash: anchor, isRecord: false)
                changeset.mutations.append(.put(ChainHead.key(stream: stream), next.value))
            }
            var record = AuditRecord(.storeRestore, .success, actor: actor)
            record.details = .restored(from: old.current)
            changeset.mutations.append(.append(record.logEntry()))
            return changeset
        }
    }
}
