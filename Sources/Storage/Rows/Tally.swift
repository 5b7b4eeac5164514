/// Rows that count other rows, so that the n-th of a million is found without looking at those before it.
///
/// ```
/// ranges   ├── 32,768 at most ──────────┼────────────────────────┤   one counting row each
/// blocks   ├─ 128 ─┼─ 128 ─┼─ … ───────┼─ … ────────────────────┤   one counting row each
/// rows     ·········································   their keys are a prefix and an id
/// ```
/// A block or range reaches from its first id to that of the next one, and its row, whose value is a ``Counter``, is named by
/// that id. The ids' bits are turned round in the key: whoever seeks the block of an id finds the last one that does not
/// begin behind it by going forward. Whatever ids there are, a block that fills is divided, so that how ids are made does not
/// matter. ``ChangesetApplier`` keeps the rows, by ``Mutation/tally(_:_:_:)``.
package struct Tally: Sendable, Hashable {
    /// What the keys of the rows begin with that are counted; an id follows.
    package let rows: Key
    /// What the keys of the counting rows begin with.
    package let counts: Key

    package static let blockRowsMax = 128
    package static let rangeRowsMax = 32_768

    package init(of rows: Key, in counts: Key) {
        self.rows = rows
        self.counts = counts
    }

    package enum Level: UInt8, Sendable { case range, block }

    /// What the keys of one level's rows begin with.
    package func prefix(_ level: Level) -> Key { Key(counts.bytes + [level.rawValue]) }

    /// The key of the block or range that begins with an id.
    package func key(_ level: Level, _ first: UniqueID) -> Key { prefix(level).with(first.complement) }

    /// The id that a counting row's block or range begins with.
    package static func first(fromKey key: Span<UInt8>) -> UniqueID? {
        guard key.count >= UniqueID.byteCount else { return nil }
        return UniqueID(bytes: key, at: key.count - UniqueID.byteCount)?.complement
    }

    /// One counting row.
    package struct Part: Sendable, Hashable {
        package let first: UniqueID
        package var count: Int64

        package init(first: UniqueID, count: Int64) {
            self.first = first
            self.count = count
        }
    }
}

extension UniqueID {
    /// Before all others.
    package static let zero = UniqueID(high: 0, low: 0)

    /// Orders the other way round.
    fileprivate var complement: UniqueID { UniqueID(high: ~high, low: ~low) }

    /// The id before in order; nil for the first of all.
    package var predecessor: UniqueID? {
        guard low == 0 else { return UniqueID(high: high, low: low - 1) }
        return high == 0 ? nil : UniqueID(high: high - 1, low: .max)
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// The parts of one level, the last first, from the one on that holds `last`, or from the last of all.
    package func parts(
        _ level: Tally.Level,
        of tally: Tally,
        from last: UniqueID? = nil,
        _ body: (Tally.Part) -> ScanStep
    ) throws(StoreError) {
        var isDamaged = false
        let start = last.map { tally.key(level, $0) }
        try scan(prefix: tally.prefix(level), from: start) { key, value, _ in
            guard let first = Tally.first(fromKey: key), let count = Counter.value(of: value) else {
                isDamaged = true
                return .stop
            }
            return body(Tally.Part(first: first, count: count))
        }
        if isDamaged { throw .corrupt("a counting row is malformed") }
    }

    /// The block that the row at `index`, from 0, lies in, and how many rows lie before the block.
    ///
    /// `total`: how many rows there are. Costs a look at each range and at the blocks of one.
    /// - Returns: nil if the tally does not come to the total, or the index lies behind the last row.
    package func block(
        at index: Int64,
        of tally: Tally,
        total: Int64
    ) throws(StoreError) -> (first: UniqueID, before: Int64, looks: Int)? {
        guard index >= 0, index < total else { return nil }
        var looks = 0
        /// Rows from the range on that holds the index.
        var behind: Int64 = 0
        var range: Tally.Part?
        var following: UniqueID?
        var sum: Int64 = 0
        try parts(.range, of: tally) { part in
            looks += 1
            sum += part.count
            if range == nil {
                behind = sum
                if total - behind <= index { range = part } else { following = part.first }
            }
            return .more
        }
        guard sum == total, let range else { return nil }
        var found: Tally.Part?
        behind -= range.count
        try parts(.block, of: tally, from: following?.predecessor) { part in
            looks += 1
            behind += part.count
            guard part.first >= range.first else { return .stop }
            if total - behind <= index { found = part }
            return found == nil ? .more : .stop
        }
        return found.map { ($0.first, total - behind, looks) }
    }
}
