package import Storage

/// The end of a stream: what its next record names as the one before it.
///
///     key    F0 02 ‖ stream
///     value  sequence ‖ hash, 32 bytes ‖ 1 if a record has that hash, 0 if it is an anchor
struct ChainHead: Sendable, Equatable {
    let sequence: UInt64
    let hash: TrailHash
    /// Whether a record of this incarnation of the store has the hash; otherwise its first one names it.
    let isRecord: Bool

    /// The prefix of the rows of all streams.
    static let keys = Key([AuditOutbox.keySpace, 0x02])

    static func key(stream: String) -> Key { Key(keys.bytes + Array(stream.utf8)) }

    init(sequence: UInt64, hash: TrailHash, isRecord: Bool) {
        self.sequence = sequence
        self.hash = hash
        self.isRecord = isRecord
    }

    init?(value: Span<UInt8>) {
        guard value.count == 9 + TrailHash.byteCount,
            let hash = TrailHash(value.extracting(8..<8 + TrailHash.byteCount))
        else { return nil }
        self.init(sequence: value.bigEndian64(at: 0), hash: hash, isRecord: value[value.count - 1] == 1)
    }

    var value: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(sequence)
        hash.append(to: &bytes)
        bytes.append(isRecord ? 1 : 0)
        return bytes
    }

    /// All heads, by their streams.
    static func all(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable
    ) throws(StoreError) -> [String: ChainHead] {
        var heads: [String: ChainHead] = [:]
        var isWhole = true
        try snapshot.scan(prefix: keys, from: nil) { key, value, _ in
            guard let head = ChainHead(value: value) else {
                isWhole = false
                return .stop
            }
            let stream = [UInt8](copying: key.extracting(droppingFirst: keys.bytes.count))
            heads[String(decoding: stream, as: UTF8.self)] = head
            return .more
        }
        guard isWhole else { throw .corrupt("the head of a stream's chain is malformed") }
        return heads
    }
}

/// A record as it is delivered: with the hash of the one before it in its stream, and its own.
package struct SealedRecord: Sendable {
    let row: AuditRow
    /// Ends with `SCIM_PREV` and `SCIM_HASH`.
    package let entry: JournalEntry
    let head: ChainHead

    /// The entry of an attempt; from the second one on it says which, outside the hash.
    package func entry(attempt: Int) -> JournalEntry {
        guard attempt > 1 else { return entry }
        var entry = entry
        entry.add("SCIM_ATTEMPT", String(attempt))
        return entry
    }
}

/// Seals the records of a store in the order of its log.
///
/// A sealed record follows from its row and from the heads that are stored with the delivered pointer, so that a restart, which seals
/// what is not known to be delivered once more, comes to the same hashes.
package struct TrailChain {
    let storeID: UniqueID
    private let storeText: String
    private let digest: TrailDigest
    private var hasher: RecordHasher
    private(set) var heads: [String: ChainHead]

    init(storeID: UniqueID, digest: TrailDigest, heads: [String: ChainHead]) {
        self.storeID = storeID
        storeText = storeID.journalText
        self.digest = digest
        hasher = RecordHasher(digest)
        self.heads = heads
    }

    /// A chain in which no stream has a record yet.
    package init(storeID: UniqueID, digest: TrailDigest) {
        self.init(storeID: storeID, digest: digest, heads: [:])
    }

    /// Seals the next record of the log.
    package mutating func seal(_ row: LogRow) -> SealedRecord {
        let record = seal(row, after: heads[row.stream]?.hash ?? anchor(of: row))
        heads[row.stream] = record.head
        return record
    }

    /// What a record names that is the first of its stream here: those before it are of a time without a chain.
    func anchor(of row: LogRow) -> TrailHash {
        digest.anchor(store: storeText, stream: row.stream, sequence: row.sequence - 1)
    }

    /// Seals a record of anywhere in the log behind the hash of the one before it.
    mutating func seal(_ row: LogRow, after before: TrailHash) -> SealedRecord {
        let audited = AuditRow(row, storeID: storeID)
        var entry = audited.journalEntry()
        entry.add("SCIM_PREV") { before.append(hexTo: &$0) }
        let hash = hasher.hash(entry)
        entry.add("SCIM_HASH") { hash.append(hexTo: &$0) }
        return SealedRecord(
            row: audited,
            entry: entry,
            head: ChainHead(sequence: row.sequence, hash: hash, isRecord: true)
        )
    }
}
