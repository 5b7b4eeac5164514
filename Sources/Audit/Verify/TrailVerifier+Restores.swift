internal import JSON
internal import Storage

/// Where a stream of a store that was put back comes from.
enum StreamOrigin {
    /// From the record that was meant.
    case record
    /// From another record than the one that the old trail has there.
    case otherRecord(store: String, entry: UInt64?)
    /// The old trail ends before it.
    case cut(store: String, last: UInt64)
    /// The old trail is whole, and has nothing of the stream.
    case nothing(store: String)
    /// The old trail is not there, or what came so early in it.
    case unknown
}

extension TrailVerifier {
    /// Finds out which store each one was before it was put back.
    ///
    /// A record of a restore comes before the first checkpoint that is signed for the trail which it begins. If nothing was delivered
    /// between two restores, the records of both are there under the last id.
    mutating func resolveRestores() {
        for (store, trail) in trails.sorted(by: { $0.key < $1.key }) where !trail.restores.isEmpty {
            let signed = firstSigned(of: store) ?? .max
            var newer = store
            var told: Set<UInt64> = []
            // The same record may be there twice.
            for restore in trail.restores.sorted(by: { $0.sequence > $1.sequence })
            where told.insert(restore.sequence).inserted {
                guard restore.sequence < signed else {
                    let text =
                        "it tells of a restore, and a signed checkpoint of the same trail came before it"
                    add(
                        .replaced,
                        store,
                        AuditRecord.systemStream,
                        restore.sequence,
                        entry: restore.entry,
                        text
                    )
                    continue
                }
                guard restore.old != newer else { continue }
                if oldStores[newer] == nil { oldStores[newer] = restore.old }
                if oldStores[newer] == restore.old { newer = restore.old }
            }
        }
    }

    /// The number of the first checkpoint that somebody with a key has signed for a store.
    func firstSigned(of store: String) -> UInt64? {
        let keys = expectation.publicKeys
        return trails[store]?.checkpoints.sorted { $0.sequence < $1.sequence }.first { signed in
            let checkpoint = signed.checkpoint
            return checkpoint.store == store && (keys.isEmpty || keys.contains(checkpoint.publicKey))
                && verifies(checkpoint.signature, checkpoint.note(digest), checkpoint.publicKey)
        }?.sequence
    }

    /// The stores that a store was before, the last one first.
    private func lineage(of store: String) -> [String] {
        var stores: [String] = []
        var store = store
        while let old = oldStores[store], !stores.contains(old), stores.count < Incarnation.idsMax {
            stores.append(old)
            store = old
        }
        return stores
    }

    /// Where a stream comes from whose first record, or whose end without one, has `hash` for the record `before`.
    ///
    /// Nil if the store was not put back, as far as can be seen.
    func origin(of stream: String, _ store: String, before: UInt64, hash: TrailHash) -> StreamOrigin? {
        let lineage = lineage(of: store)
        guard let old = lineage.first else {
            // A tenant's records alone do not say which store came before; their hashes do.
            guard expectation.stream != nil else { return nil }
            let isKnown = trails.keys.contains { other in
                other != store
                    && ends(stream, other, before).contains {
                        follows(hash, store, other, stream, before, $0)
                    }
            }
            return isKnown ? .record : nil
        }
        let hashes = ends(stream, old, before)
        if hashes.contains(where: { follows(hash, store, old, stream, before, $0) }) { return .record }
        guard let place = lineage.first(where: { !(trails[$0]?.streams[stream]?.items.isEmpty ?? true) })
        else {
            return lineage.last.map(wholeStores.contains) ?? false ? .nothing(store: old) : .unknown
        }
        let items = trails[place]?.streams[stream]?.items ?? []
        let numbers = items.map(\.sequence)
        if let most = numbers.max(), before > most { return .cut(store: place, last: most) }
        guard !hashes.isEmpty else { return .unknown }
        return .otherRecord(store: place, entry: items.first { $0.sequence == before }?.entry)
    }

    private func follows(
        _ hash: TrailHash,
        _ store: String,
        _ old: String,
        _ stream: String,
        _ sequence: UInt64,
        _ head: TrailHash
    ) -> Bool {
        hash == digest.restored(store: store, from: old, stream: stream, sequence: sequence, head: head)
    }

    /// What hash a store may have had for a record of a stream: that of the record, that which the next one names, or, where it has none
    /// so early, that which a restore made of the older store's.
    private func ends(_ stream: String, _ store: String, _ sequence: UInt64, depth: Int = 0) -> [TrailHash] {
        let items = trails[store]?.streams[stream]?.items ?? []
        var hashes =
            items.filter { $0.sequence == sequence }.map(\.hash)
            + items.filter { $0.sequence == sequence + 1 }.map(\.previous)
        let isEarlier = items.allSatisfy { $0.sequence > sequence }
        if isEarlier, let old = oldStores[store], depth < Incarnation.idsMax {
            hashes += ends(stream, old, sequence, depth: depth + 1).map {
                digest.restored(store: store, from: old, stream: stream, sequence: sequence, head: $0)
            }
        }
        return hashes
    }

    /// How a stream begins that comes from there; what is wrong with that is told.
    mutating func start(_ origin: StreamOrigin, _ stream: String, _ before: UInt64) -> StreamCheck.Start {
        switch origin {
        case .record: return .restored
        case .unknown: return .unknown
        case .otherRecord(let store, let entry):
            let text = "it is not the record from which the trail of the store that was put back goes on"
            add(.replaced, store, stream, before, entry: entry, text)
        case .cut(let store, let last):
            let text =
                "the trail of the store that was put back goes on from it, and the stream ends with record \(last)"
            add(.cut, store, stream, before, text)
        case .nothing(let store):
            let text =
                "the trail of the store that was put back goes on from it, and nothing of the stream is there"
            add(.cut, store, stream, before, text)
        }
        return .known
    }

    /// Finds the stores of whose trails nothing has been deleted, as their own streams are there from their first records on.
    ///
    /// What was recorded before a server first started, as by an import, came before those, and may have been deleted alone.
    mutating func findWholeStores() {
        let stream = AuditRecord.systemStream
        for store in trails.keys {
            let items = trails[store]?.streams[stream]?.items ?? []
            guard let first = items.first(where: { $0.sequence == 1 }) else { continue }
            if hasLostBeginning(before: first.time, of: store) {
                lostBeginnings.insert(store)
            } else if first.previous == digest.genesis(store: store, stream: stream) {
                wholeStores.insert(store)
            }
        }
    }

    /// Whether the first record that is there came before a time, and is not the first of its stream.
    private func hasLostBeginning(before time: Timestamp, of store: String) -> Bool {
        var earliest: (stream: String, item: Item)?
        for (stream, found) in trails[store]?.streams ?? [:] {
            for item in found.items where item.time < earliest?.item.time ?? time {
                earliest = (stream, item)
            }
        }
        guard let (stream, first) = earliest, first.sequence > 1 else { return false }
        return first.previous != digest.anchor(store: store, stream: stream, sequence: first.sequence - 1)
    }
}
