import Storage

/// What a batch is decided on and puts its rows into: all that counts, and what the batch itself has put so far.
///
/// Its rows are in the open run at once, under a number that does not count yet; whoever drops the batch takes them back.
@safe
struct BatchWriter: RowWriter, ~Copyable {
    /// Live, and sees also what does not count yet.
    let reader: ReadTransaction
    let run: Run
    /// The batch's.
    let number: UInt64
    private(set) var changes: RunChanges

    /// `changes`: empty, with room that an earlier batch has needed.
    init(reader: ReadTransaction, run: Run, number: UInt64, changes: RunChanges) {
        unsafe self.changes = unsafe changes
        self.reader = reader
        self.run = run
        self.number = number
    }

    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R? {
        try reader.read(key, body)
    }

    mutating func put(_ key: Key, _ value: Span<UInt8>, version: CommitVersion) throws(StoreError) {
        let checksum = LogFormat.checksum(ofRow: key.bytes.span, version: version, value: value)
        unsafe key.bytes.withUnsafeBufferPointer { key in
            // The run copies the key, and gives room for the row as long as was asked for.
            unsafe run.put(
                key,
                number: number,
                storedBytes: StoredRow.headerBytes + value.count,
                changes: &changes
            ) { room in
                unsafe room.storeBytes(of: version.number.bigEndian, toByteOffset: 0, as: UInt64.self)
                unsafe room.storeBytes(of: checksum.bigEndian, toByteOffset: 8, as: UInt32.self)
                unsafe value.withUnsafeBufferPointer { value in
                    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[StoredRow.headerBytes...])
                    unsafe rest.copyMemory(from: UnsafeRawBufferPointer(value))
                }
            }
        }
    }

    mutating func delete(_ key: Key) throws(StoreError) -> Bool {
        guard try read(key, { _, _ in }) != nil else { return false }
        unsafe key.bytes.withUnsafeBufferPointer { key in
            // The run copies the key.
            unsafe run.put(key, number: number, storedBytes: nil, changes: &changes) { _ in }
        }
        return true
    }

    func keys(prefix: Key, from start: Key?, limit: Int) throws(StoreError) -> [Key] {
        var keys: [Key] = []
        try reader.walk(from: max(prefix, start ?? prefix), within: prefix) { key, _ in
            guard keys.count < limit, key.hasPrefix(prefix.bytes.span) else { return .stop }
            keys.append(Key([UInt8](copying: key)))
            return .more
        }
        return keys
    }

    /// Adds what the batch leaves to a record, each row once.
    func write(to record: inout RecordBuilder) {
        unsafe run.visit(changes) { key, stored in record.add(key, stored) }
    }

    /// Rows for which room is kept from one batch to the next.
    private static let keptRowsMax = 4_096

    /// Ends the batch; its changes are empty then, and have the room that they have needed, unless that is much.
    consuming func end() -> RunChanges {
        guard unsafe changes.nodes.count <= Self.keptRowsMax else { return unsafe RunChanges() }
        var changes = unsafe changes
        unsafe self.changes = unsafe RunChanges()
        unsafe changes.removeAll()
        return unsafe changes
    }

    /// Takes back all that was put.
    mutating func takeBack() { unsafe run.takeBack(&changes) }
}
