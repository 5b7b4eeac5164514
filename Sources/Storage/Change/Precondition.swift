/// What must hold inside the write transaction for a changeset to apply.
package enum Precondition: Sendable, Hashable {
    case absent(Key)
    case present(Key)
    /// Every row is there whose key is this prefix and one of the ids.
    case allPresent(Key, [UniqueID])
    /// No row is there whose key is this prefix and one of the ids.
    case allAbsent(Key, [UniqueID])
    /// The rows whose keys begin with the prefix are those of these ids, in ascending order, and no others.
    case exactly(Key, [UniqueID])
    /// The row has exactly this version.
    case version(Key, CommitVersion)
}

extension Precondition {
    /// Whether a condition on one row holds, given the row's version; nil if there is none.
    func isMet(by version: CommitVersion?) -> Bool {
        switch self {
        case .absent: version == nil
        case .present: version != nil
        case .version(_, let expected): version == expected
        case .allPresent, .allAbsent, .exactly: preconditionFailure("this is about several rows")
        }
    }
}

/// Rows in one state, as preconditions look at them: a snapshot, or a write transaction with its own writes.
package protocol VersionedRows: ~Copyable {
    /// The version of a key's row; nil if there is none.
    func version(of key: Key) throws(StoreError) -> CommitVersion?

    /// The first keys that begin with the prefix, in order, from `start` on if it is given, at most `limit`.
    func keys(prefix: Key, from start: Key?, limit: Int) throws(StoreError) -> [Key]
}

extension VersionedRows where Self: ~Copyable {
    func satisfies(_ precondition: Precondition) throws(StoreError) -> Bool {
        switch precondition {
        case .absent(let key), .present(let key), .version(let key, _):
            precondition.isMet(by: try version(of: key))
        case .allPresent(let prefix, let ids): try all(ids, under: prefix, arePresent: true)
        case .allAbsent(let prefix, let ids): try all(ids, under: prefix, arePresent: false)
        case .exactly(let prefix, let ids):
            try keys(prefix: prefix, from: nil, limit: ids.count + 1) == ids.map(prefix.with)
        }
    }

    private func all(
        _ ids: [UniqueID],
        under prefix: Key,
        arePresent: Bool
    ) throws(StoreError) -> Bool {
        for id in ids {
            guard try (version(of: prefix.with(id)) != nil) == arePresent else { return false }
        }
        return true
    }
}
