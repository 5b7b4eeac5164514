// How a tally follows the rows that it counts.

extension ChangesetApplier {
    /// Counts a row that has just been put, or deleted.
    ///
    /// The block that it lies in begins at or before its id, and within the range of the id. A range's first id stays while it
    /// counts anything, also when the block that began there is gone: whatever comes to lie before the range's other blocks makes
    /// that block anew.
    func count(
        _ id: UniqueID,
        in tally: Tally,
        by amount: Int64,
        _ writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        var range = try part(.range, of: tally, at: id, notBefore: .zero, in: writer)
        var block = try part(.block, of: tally, at: id, notBefore: range.first, in: writer)
        range.count &+= amount
        block.count &+= amount
        if block.count > Tally.blockRowsMax {
            try divide(&block, of: tally, at: id, in: &writer)
        } else if amount < 0, block.isSparse(Tally.blockRowsMax) {
            try join(&block, .block, of: tally, notBefore: range.first, max: Tally.blockRowsMax, in: &writer)
        }
        try put(block, .block, of: tally, in: &writer)
        if range.count > Tally.rangeRowsMax {
            try divide(&range, of: tally, in: &writer)
        } else if amount < 0, range.isSparse(Tally.rangeRowsMax) {
            try join(&range, .range, of: tally, notBefore: .zero, max: Tally.rangeRowsMax, in: &writer)
        }
        try put(range, .range, of: tally, in: &writer)
    }

    /// The last part that begins at or before an id; an empty one at `first` if none begins between that and the id.
    private func part(
        _ level: Tally.Level,
        of tally: Tally,
        at id: UniqueID,
        notBefore first: UniqueID,
        in writer: borrowing some RowWriter & ~Copyable
    ) throws(StoreError) -> Tally.Part {
        let keys = try writer.keys(prefix: tally.prefix(level), from: tally.key(level, id), limit: 1)
        guard let key = keys.first, let found = Tally.first(fromKey: key.bytes.span), found >= first else {
            return Tally.Part(first: first, count: 0)
        }
        return try part(found, key, in: writer)
    }

    private func part(
        _ first: UniqueID,
        _ key: Key,
        in writer: borrowing some RowWriter & ~Copyable
    ) throws(StoreError) -> Tally.Part {
        guard let count = try writer.read(key, { value, _ in Counter.value(of: value) }) ?? .some(0) else {
            throw .corrupt("a counting row is malformed")
        }
        return Tally.Part(first: first, count: count)
    }

    /// Writes a part's row, or deletes it if the part counts nothing.
    private func put(
        _ part: Tally.Part,
        _ level: Tally.Level,
        of tally: Tally,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        let key = tally.key(level, part.first)
        if part.count > 0 {
            let row = Counter.bytes(part.count)
            try writer.put(key, row.span, version: version)
        } else {
            try writer.delete(key)
        }
    }

    /// Divides a block that has become too large for one.
    private func divide(
        _ block: inout Tally.Part,
        of tally: Tally,
        at id: UniqueID,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        let limit = Tally.blockRowsMax + 1
        let keys = try writer.keys(prefix: tally.rows, from: tally.rows.with(block.first), limit: limit)
        // Ids mostly come in order: then the new block begins near its end, so that blocks are full.
        let isNearEnd = keys.dropFirst(limit * 3 / 4).contains(tally.rows.with(id))
        let place = isNearEnd ? limit * 7 / 8 : limit / 2
        // Fewer rows than were counted: something is damaged, which a check finds.
        guard keys.count == limit else { return }
        let key = keys[place].bytes
        guard let first = UniqueID(bytes: key.span, at: tally.rows.bytes.count) else { return }
        try put(Tally.Part(first: first, count: block.count - Int64(place)), .block, of: tally, in: &writer)
        block.count = Int64(place)
    }

    /// Divides a range between two of its blocks.
    private func divide(
        _ range: inout Tally.Part,
        of tally: Tally,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        var end: UniqueID?
        for key in try writer.keys(prefix: tally.prefix(.range), from: nil, limit: .max) {
            guard let first = Tally.first(fromKey: key.bytes.span), first > range.first else { break }
            end = first.predecessor
        }
        let blocks = tally.prefix(.block)
        let start = end.map { tally.key(.block, $0) }
        var behind: Int64 = 0
        // As with blocks: what is added comes mostly at the end of the last range.
        let share = end == nil ? range.count / 8 : range.count / 2
        for key in try writer.keys(prefix: blocks, from: start, limit: Tally.rangeRowsMax) {
            guard let first = Tally.first(fromKey: key.bytes.span), first > range.first else { return }
            behind += try part(first, key, in: writer).count
            guard behind >= share else { continue }
            try put(Tally.Part(first: first, count: behind), .range, of: tally, in: &writer)
            range.count -= behind
            return
        }
    }

    /// Joins a part with the one before it, if they are small enough.
    private func join(
        _ part: inout Tally.Part,
        _ level: Tally.Level,
        of tally: Tally,
        notBefore first: UniqueID,
        max: Int,
        in writer: inout some RowWriter & ~Copyable
    ) throws(StoreError) {
        let key = tally.key(level, part.first)
        let keys = try writer.keys(prefix: tally.prefix(level), from: key.next, limit: 1)
        guard let before = keys.first, let place = Tally.first(fromKey: before.bytes.span), place >= first
        else {
            return
        }
        let neighbour = try self.part(place, before, in: writer)
        guard neighbour.count + part.count <= max * 3 / 4 else { return }
        try writer.delete(key)
        part = Tally.Part(first: place, count: neighbour.count + part.count)
    }
}

extension Tally.Part {
    /// Whether so much has gone that the neighbour is to be looked at, which is not worth while for every row.
    fileprivate func isSparse(_ max: Int) -> Bool {
        count > 0 && count <= max / 4 && count % Int64(max / 8) == 0
    }
}
