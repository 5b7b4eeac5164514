extension Changeset {
    /// How much a commit writes for the changeset: its keys, values and log entries; an edge counts with both of its rows.
    package var byteCount: Int { size.written }

    /// How much a commit writes for the changeset, and how much memory it takes: there an edge is an id in a list.
    package var byteCounts: (written: Int, held: Int) {
        let size = size
        return (size.written, size.rowBytes + (size.edges + size.ids) * UniqueID.byteCount)
    }

    /// Refuses what no engine takes; every engine calls this first.
    ///
    /// A write to a key below ``ReservedKeys/userFirstByteMin`` is a programmer's mistake and traps.
    /// - Throws: ``StoreError/tooLarge`` for a key, value, stream name or whole past ``StorageLimits``.
    package func validate() throws(StoreError) {
        for precondition in preconditions { try precondition.validate() }
        for mutation in mutations { try mutation.validate() }
        let size = size
        guard size.rowBytes <= StorageLimits.changesetBytesMax,
            size.edges <= StorageLimits.changesetEdgesMax,
            size.ids <= StorageLimits.changesetEdgesMax
        else { throw .tooLarge }
    }

    private var size: ChangesetSize {
        var size = ChangesetSize()
        for precondition in preconditions { size.add(precondition) }
        for mutation in mutations { size.add(mutation) }
        return size
    }
}

/// What a changeset consists of: rows by their bytes, edges by their number.
private struct ChangesetSize {
    private(set) var rowBytes = 0
    private(set) var edges = 0
    /// Ids of ``Precondition/allPresent(_:_:)``, and the bytes of the keys that they stand for.
    private(set) var ids = 0
    private var idKeyBytes = 0

    var written: Int { rowBytes + idKeyBytes + edges * 2 * EdgeKeys.keyByteCount }

    mutating func add(_ precondition: Precondition) {
        switch precondition {
        case .absent(let key), .present(let key), .version(let key, _): rowBytes += key.bytes.count
        case .allPresent(let prefix, let list), .allAbsent(let prefix, let list),
            .exactly(let prefix, let list):
            rowBytes += prefix.bytes.count
            ids += list.count
            idKeyBytes += list.count * (prefix.bytes.count + UniqueID.byteCount)
        }
    }

    mutating func add(_ mutation: Mutation) {
        switch mutation {
        case .version: break
        case .put(let key, let value): rowBytes += key.bytes.count + value.count
        case .delete(let key), .deletePrefix(let key, _): rowBytes += key.bytes.count
        case .increment(let key, _): rowBytes += key.bytes.count + 8
        case .tally(let tally, _, _): rowBytes += 2 * (tally.counts.bytes.count + 1 + UniqueID.byteCount + 8)
        case .link(let list, _), .unlink(let list): edges += list.members.count
        case .unlinkMembers, .unlinkContainers, .trimLog: rowBytes += EdgeKeys.keyByteCount
        case .append(let entry): rowBytes += entry.rowByteCount
        }
    }
}

extension LogEntry {
    fileprivate var rowByteCount: Int { LogRow.fixedBytes + stream.utf8.count + payload.count }
}

extension Precondition {
    /// Shows the conditions on single rows that this one stands for, each with its key; none if it is about rows that it does not name.
    func eachRow(_ body: (Key, Precondition) throws(StoreError) -> Void) throws(StoreError) {
        switch self {
        case .absent(let key), .present(let key), .version(let key, _): try body(key, self)
        case .allPresent(let prefix, let ids):
            for id in ids { try body(prefix.with(id), .present(prefix.with(id))) }
        case .allAbsent(let prefix, let ids):
            for id in ids { try body(prefix.with(id), .absent(prefix.with(id))) }
        case .exactly: break
        }
    }

    fileprivate func validate() throws(StoreError) {
        let keyByteCount =
            switch self {
            case .absent(let key), .present(let key), .version(let key, _): key.bytes.count
            case .allPresent(let prefix, _), .allAbsent(let prefix, _), .exactly(let prefix, _):
                prefix.bytes.count + UniqueID.byteCount
            }
        guard keyByteCount <= StorageLimits.keyBytesMax else { throw .tooLarge }
    }
}

extension Mutation {
    fileprivate func validate() throws(StoreError) {
        switch self {
        case .put(let key, let value):
            try key.validateForWriting()
            guard value.count <= StorageLimits.valueBytesMax else { throw .tooLarge }
        case .delete(let key), .deletePrefix(let key, _), .increment(let key, _):
            try key.validateForWriting()
        case .tally(let tally, _, _):
            try tally.prefix(.block).with(.zero).validateForWriting()
        case .append(let entry):
            precondition(!entry.stream.isEmpty, "a log entry needs a stream")
            guard entry.stream.utf8.count <= StorageLimits.streamBytesMax,
                entry.rowByteCount <= StorageLimits.valueBytesMax
            else { throw .tooLarge }
        case .version, .link, .unlink, .unlinkMembers, .unlinkContainers, .trimLog:
            break
        }
    }
}

extension Key {
    fileprivate func validateForWriting() throws(StoreError) {
        precondition(ReservedKeys.isUserKey(self), "the key is empty or belongs to the store itself")
        guard bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
    }
}
