/// Applies changesets inside an engine's write transaction; every engine runs this code.
///
/// One applier serves one transaction, which may hold several changesets:
///
///     applier = ChangesetApplier(state)
///     for each changeset: apply → receipt, or a conflict that changed nothing
///     finish → the engine makes the transaction durable → state = applier.state
///
/// All preconditions of a changeset are checked before its first mutation, so a conflict needs no undo and the
/// transaction goes on. After any other error the engine drops the transaction and the applier with it.
package struct ChangesetApplier {
    package private(set) var state: StoreState
    private let isStaging: Bool
    private var heads = WrittenHeads()
    /// The version that the changeset has chosen for its rows; nil for the commit's number.
    private var chosenVersion: CommitVersion?
    /// Bytes of the keys that sweeps have deleted, and of their twins.
    private(set) var sweptBytes = 0

    /// How many rows a sweep by prefix looks up at a time.
    private static let sweepRowsMax = 256

    package init(_ state: StoreState) {
        self.state = state
        isStaging = false
    }

    /// An applier for what a later commit applies once more: it numbers no log and keeps no tallies, which nobody reads before.
    init(staging state: StoreState) {
        self.state = state
        isStaging = true
    }

    /// Checks a changeset's preconditions and then makes its changes.
    ///
    /// - Parameters:
    ///   - changeset: validated already.
    ///   - writer: the transaction.
    ///   - now: the clock, in microseconds since 1970.
    /// - Returns: the next version, and a time that is later than the last one's.
    /// - Throws: ``StoreError/conflict(precondition:)`` with nothing changed; anything else spoils the transaction.
    package mutating func apply(
        _ changeset: Changeset,
        to writer: inout some RowWriter & ~Copyable,
        now: Int64
    ) throws(StoreError) -> CommitReceipt {
        for (index, precondition) in changeset.preconditions.enumerated() {
            guard try writer.satisfies(precondition) else { throw .conflict(precondition: index) }
        }
        return try perform(changeset.mutations, in: &writer, now: now)
    }

    /// Makes changes whose preconditions have been checked.
    mutating func perform(
        _ mutations: [Mutation],
        in writer: inout some RowWriter & ~Copyable,
        now: Int64
    ) throws(StoreError) -> CommitReceipt {
        state.version += 1
        chosenVersion = nil
        state.timeMicroseconds = max(now, state.timeMicroseconds + 1)
        for mutation in mutations { try perform(mutation, in: &writer) }
        return CommitReceipt(version: number, timeMicroseconds: state.timeMicroseconds)
    }

    /// Writes what the transaction's changesets share: the stream heads and the running numbers.
    package mutating func finish(_ writer: inout some RowWriter & ~Copyable) throws(StoreError) {
        if let newest = heads.newest { try writer.put(newest.key, newest.head.value.span, version: number) }
        for other in heads.others.values { try writer.put(other.key, other.head.value.span, version: number) }
        try writer.put(ReservedKeys.state, state.value.span, version: number)
    }

    /// The commit's number.
    private var number: CommitVersion { CommitVersion(state.version) }
    var version: CommitVersion { chosenVersion ?? number }
}

// MARK: - Mutations

extension ChangesetApplier {
    private mutating func perform(
        _ mutation: Mutation,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        switch mutation {
        case .version(let version):
            chosenVersion = version
        case .put(let key, let value):
            try writer.put(key, value.span, version: version)
        case .delete(let key):
            try writer.delete(key)
        case .deletePrefix(let prefix, let limit):
            try deletePrefix(prefix, limit: limit, in: &writer)
        case .increment(let key, let amount):
            try increment(key, by: amount, in: &writer)
        case .tally(let tally, let id, let amount):
            if !isStaging { try count(id, in: tally, by: amount, &writer) }
        case .link(let edges, let kind):
            for edge in edges.each { try link(edge, kind: kind, in: &writer) }
        case .unlink(let edges):
            for edge in edges.each { try unlink(edge, in: &writer) }
        case .unlinkMembers(let space, let container):
            try unlinkAll(under: EdgeKeys.members(of: container, space: space), in: &writer)
        case .unlinkContainers(let space, let member):
            try unlinkAll(under: EdgeKeys.containers(of: member, space: space), in: &writer)
        case .append(let entry):
            if !isStaging { try append(entry, in: &writer) }
        case .trimLog(let order, let limit):
            try trimLog(through: order, limit: limit, in: &writer)
        }
    }

    private mutating func deletePrefix(
        _ prefix: Key,
        limit: Int,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        var left = limit
        // Each look-up goes on behind the last: an engine may have to step over what was deleted.
        var start: Key?
        while left > 0 {
            let count = min(left, ChangesetApplier.sweepRowsMax)
            let keys = try writer.keys(prefix: prefix, from: start, limit: count)
            guard let last = keys.last else { return }
            for key in keys { try writer.delete(key) }
            left -= keys.count
            start = last.next
            sweptBytes += keys.reduce(0) { $0 + $1.bytes.count }
        }
    }

    private func increment(
        _ key: Key,
        by amount: Int64,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        let old = try writer.read(key) { value, _ in Counter.value(of: value) } ?? .some(0)
        guard let old else { throw .corrupt("a counter's row does not hold a counter") }
        try writer.put(key, Counter.bytes(old &+ amount).span, version: version)
    }

    private func link(
        _ edge: Edge,
        kind: UInt8,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        let key = EdgeKeys.edge(edge)
        guard try writer.read(key, { _, _ in }) == nil else { return }
        try writer.put(key, [kind].span, version: version)
        try writer.put(EdgeKeys.twin(edge), [kind].span, version: version)
    }

    private func unlink(_ edge: Edge, in writer: inout some RowWriter & ~Copyable) throws(StoreError) {
        try writer.delete(EdgeKeys.edge(edge))
        try writer.delete(EdgeKeys.twin(edge))
    }

    private mutating func unlinkAll(
        under prefix: Key,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        var start: Key?
        while true {
            let keys = try writer.keys(prefix: prefix, from: start, limit: ChangesetApplier.sweepRowsMax)
            guard let last = keys.last else { return }
            start = last.next
            for key in keys {
                guard let edge = EdgeKeys.edge(fromKey: key.bytes.span) else {
                    throw .corrupt("an edge's key is malformed")
                }
                try unlink(edge, in: &writer)
                sweptBytes += 2 * key.bytes.count
            }
        }
    }

    private mutating func append(
        _ entry: LogEntry,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        let (key, last) = try head(of: entry.stream, in: writer)
        let sequence = last + 1
        state.order += 1
        let value = LogRow.value(of: entry, sequence: sequence, timeMicroseconds: state.timeMicroseconds)
        try writer.put(LogKeys.row(order: state.order), value.span, version: version)
        let head = StreamHead(sequence: sequence, order: state.order)
        heads.note(WrittenHeads.Entry(stream: entry.stream, key: key, head: head))
    }

    /// The key of a stream's head, and the number of the stream's last row.
    private func head(
        of stream: String,
        in writer: borrowing some RowWriter & ~Copyable
    ) throws(StoreError) -> (key: Key, last: UInt64) {
        if let known = heads.entry(of: stream) { return (known.key, known.head.sequence) }
        let key = LogKeys.head(stream: stream)
        let stored = try writer.read(key) { value, _ in StreamHead.sequence(in: value) }
        guard let stored else { return (key, 0) }
        guard let stored else { throw .corrupt("a stream's head is malformed") }
        return (key, stored)
    }

    private mutating func trimLog(
        through order: UInt64,
        limit: Int,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        var left = limit
        while left > 0 {
            let keys = try writer.keys(
                prefix: LogKeys.rows,
                from: LogKeys.row(order: state.trimmedThrough + 1),
                limit: min(left, ChangesetApplier.sweepRowsMax)
            )
            for key in keys {
                guard let found = LogKeys.order(fromKey: key.bytes.span), found <= order else { return }
                try writer.delete(key)
                state.trimmedThrough = found
                left -= 1
            }
            guard !keys.isEmpty else { return }
        }
    }
}

/// The heads of the streams that have got rows: most transactions have those of one stream, which needs no table.
private struct WrittenHeads {
    struct Entry {
        let stream: String
        let key: Key
        let head: StreamHead
    }

    private(set) var newest: Entry?
    /// By stream.
    private(set) var others: [String: Entry] = [:]

    func entry(of stream: String) -> Entry? {
        if let newest, newest.stream == stream { return newest }
        return others.isEmpty ? nil : others[stream]
    }

    mutating func note(_ entry: Entry) {
        if let newest, newest.stream != entry.stream {
            others[newest.stream] = newest
            others[entry.stream] = nil
        }
        newest = entry
    }
}

// MARK: - A new store

extension ChangesetApplier {
    /// Reads a store's running numbers, after writing them and its info row if the store is new, or upgrading it.
    ///
    /// - Parameters:
    ///   - writer: the engine's first transaction.
    ///   - isEmpty: whether the engine holds no row at all.
    ///   - newStoreID: the id that a new store gets.
    /// - Returns: what was opened; the engine makes the transaction durable if the store is new or was upgraded.
    /// - Throws: ``StoreError/corrupt(_:)`` if rows exist without an info row, ``StoreError/newerFormat(_:reader:)`` for a store that
    ///   a later program has written.
    package static func openStore(
        in writer: inout some RowWriter & ~Copyable,
        isEmpty: Bool,
        newStoreID: UniqueID
    ) throws(StoreError) -> OpenedStore {
        if isEmpty {
            let state = StoreState()
            try write(StoreInfo(storeID: newStoreID), to: &writer)
            try writer.put(ReservedKeys.state, state.value.span, version: CommitVersion(0))
            return OpenedStore(state: state)
        }
        guard let info = try writer.read(ReservedKeys.info, { value, _ in StoreInfo(value: value) }) ?? nil
        else {
            throw .corrupt("this is not a store, or its info row is lost")
        }
        guard info.formatVersion <= StoreInfo.currentFormatVersion else {
            let reader = try writer.read(ReservedKeys.reader) { value, _ in
                String(decoding: [UInt8](copying: value), as: UTF8.self)
            }
            throw .newerFormat(info.formatVersion, reader: reader)
        }
        guard info.formatVersion >= StoreInfo.oldestFormatVersion else {
            throw .corrupt("the store has format \(info.formatVersion), which no program has written")
        }
        guard let state = try writer.read(ReservedKeys.state, { value, _ in StoreState(value: value) }) ?? nil
        else { throw .corrupt("the store's state row is missing or malformed") }
        guard info.formatVersion < StoreInfo.currentFormatVersion else { return OpenedStore(state: state) }
        try write(StoreInfo(storeID: info.storeID), to: &writer)
        return OpenedStore(state: state, upgradedFrom: info.formatVersion)
    }

    private static func write(
        _ info: StoreInfo,
        to writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        try writer.put(ReservedKeys.info, info.value.span, version: CommitVersion(0))
        let reader = Array(StoreInfo.firstReader.utf8)
        try writer.put(ReservedKeys.reader, reader.span, version: CommitVersion(0))
    }
}
