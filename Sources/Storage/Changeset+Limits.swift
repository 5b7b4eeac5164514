extension Changeset {
    /// How much of ``StorageLimits/changesetBytesMax`` the changeset takes: its keys, values and log entries.
    package var byteCount: Int {
        var count = 0
        for precondition in preconditions { count += precondition.key.bytes.count }
        for mutation in mutations { count += mutation.byteCount }
        return count
    }

    /// Refuses what no engine takes; every engine calls this first.
    ///
    /// A write to a key below ``ReservedKeys/userFirstByteMin`` is a programmer's mistake and traps.
    /// - Throws: ``StoreError/tooLarge`` for a key, value, stream name or whole past ``StorageLimits``.
    package func validate() throws(StoreError) {
        for precondition in preconditions {
            guard precondition.key.bytes.count <= StorageLimits.keyBytesMax else { throw .tooLarge }
        }
        for mutation in mutations { try mutation.validate() }
        guard byteCount <= StorageLimits.changesetBytesMax else { throw .tooLarge }
    }
}

extension Precondition {
    package var key: Key {
        switch self {
        case .absent(let key), .present(let key), .version(let key, _): key
        }
    }
}

extension Mutation {
    fileprivate var byteCount: Int {
        switch self {
        case .put(let key, let value): key.bytes.count + value.count
        case .delete(let key), .deletePrefix(let key, _): key.bytes.count
        case .increment(let key, _): key.bytes.count + 8
        case .link, .unlink: 2 * EdgeKeys.keyByteCount
        case .unlinkMembers, .unlinkContainers, .trimLog: EdgeKeys.keyByteCount
        case .append(let entry): LogRow.fixedBytes + entry.stream.utf8.count + entry.payload.count
        }
    }

    fileprivate func validate() throws(StoreError) {
        switch self {
        case .put(let key, let value):
            try key.validateForWriting()
            guard value.count <= StorageLimits.valueBytesMax else { throw .tooLarge }
        case .delete(let key), .deletePrefix(let key, _), .increment(let key, _):
            try key.validateForWriting()
        case .append(let entry):
            precondition(!entry.stream.isEmpty, "a log entry needs a stream")
            guard entry.stream.utf8.count <= StorageLimits.streamBytesMax,
                byteCount <= StorageLimits.valueBytesMax
            else { throw .tooLarge }
        case .link, .unlink, .unlinkMembers, .unlinkContainers, .trimLog:
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
