/// Rows in key order, with cheap copies: a copy shares every chunk until one of the two changes it.
struct SortedRows: Sendable {
    struct Row: Sendable {
        let key: Key
        let stored: [UInt8]
    }

    /// Where a key is, or where it would go.
    private struct Place {
        var chunk: Int
        var index: Int
        var isFound: Bool
    }

    // No chunk is empty; the keys of a chunk all come before those of the next.
    private var chunks: [[Row]] = []

    private static let chunkRowsMax = 256

    var isEmpty: Bool { chunks.isEmpty }

    subscript(key: Key) -> [UInt8]? {
        let place = place(of: key)
        return place.isFound ? chunks[place.chunk][place.index].stored : nil
    }

    mutating func put(_ key: Key, _ stored: [UInt8]) {
        let row = Row(key: key, stored: stored)
        let place = place(of: key)
        if place.isFound {
            chunks[place.chunk][place.index] = row
        } else if chunks.isEmpty {
            chunks.append([row])
        } else {
            chunks[place.chunk].insert(row, at: place.index)
            splitIfFull(place.chunk)
        }
    }

    mutating func remove(_ key: Key) -> Bool {
        let place = place(of: key)
        guard place.isFound else { return false }
        chunks[place.chunk].remove(at: place.index)
        if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
        return true
    }

    /// Visits the rows from `start` on, in order.
    func scan(from start: Key, _ body: (Row) -> ScanStep) {
        let place = place(of: start)
        var index = place.index
        for chunk in chunks.dropFirst(place.chunk) {
            while index < chunk.count {
                guard body(chunk[index]) == .more else { return }
                index += 1
            }
            index = 0
        }
    }

    /// Visits the rows below `end`, or all, in descending order.
    func scanBackward(before end: Key?, _ body: (Row) -> ScanStep) {
        let place = end.map(place) ?? Place(chunk: chunks.count, index: 0, isFound: false)
        var rows = chunks.indices.contains(place.chunk) ? chunks[place.chunk][..<place.index] : []
        var chunk = place.chunk
        while true {
            for row in rows.reversed() {
                guard body(row) == .more else { return }
            }
            chunk -= 1
            guard chunk >= 0 else { return }
            rows = chunks[chunk][...]
        }
    }

    /// Where a walk through the rows is, in either direction; for rows that have not been changed since it was made.
    struct Cursor {
        fileprivate var chunk: Int
        fileprivate var index: Int
    }

    /// The first row from `start` on.
    func cursor(from start: Key) -> Cursor {
        let place = place(of: start)
        var cursor = Cursor(chunk: place.chunk, index: place.index)
        settle(&cursor)
        return cursor
    }

    /// The last row below `end`, or of all.
    func cursor(before end: Key?) -> Cursor {
        let place = end.map(place) ?? Place(chunk: chunks.count, index: 0, isFound: false)
        var cursor = Cursor(chunk: place.chunk, index: place.index)
        goBack(&cursor)
        return cursor
    }

    /// The row at a place of a walk; nil once that is over.
    func row(at cursor: Cursor) -> Row? {
        chunks.indices.contains(cursor.chunk) ? chunks[cursor.chunk][cursor.index] : nil
    }

    func goOn(_ cursor: inout Cursor) {
        cursor.index += 1
        settle(&cursor)
    }

    func goBack(_ cursor: inout Cursor) {
        if cursor.index == 0 {
            cursor.chunk -= 1
            cursor.index = chunks.indices.contains(cursor.chunk) ? chunks[cursor.chunk].count : 0
        }
        cursor.index -= 1
    }

    /// The end of a chunk is the beginning of the next.
    private func settle(_ cursor: inout Cursor) {
        guard chunks.indices.contains(cursor.chunk), cursor.index == chunks[cursor.chunk].count else {
            return
        }
        cursor = Cursor(chunk: cursor.chunk + 1, index: 0)
    }

    private mutating func splitIfFull(_ chunk: Int) {
        let rows = chunks[chunk]
        guard rows.count > SortedRows.chunkRowsMax else { return }
        let half = rows.count / 2
        chunks[chunk] = Array(rows[..<half])
        chunks.insert(Array(rows[half...]), at: chunk + 1)
    }

    private func place(of key: Key) -> Place {
        // The last chunk that begins at or before the key; the first chunk if none does.
        let after = SortedRows.firstIndex(in: 0..<chunks.count) { key < chunks[$0][0].key }
        let chunk = max(after - 1, 0)
        guard chunk < chunks.count else { return Place(chunk: 0, index: 0, isFound: false) }
        let rows = chunks[chunk]
        let index = SortedRows.firstIndex(in: 0..<rows.count) { !(rows[$0].key < key) }
        return Place(chunk: chunk, index: index, isFound: index < rows.count && rows[index].key == key)
    }

    /// The first index for which `isPast` holds, given that it then holds for all later ones.
    private static func firstIndex(in range: Range<Int>, where isPast: (Int) -> Bool) -> Int {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if isPast(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
