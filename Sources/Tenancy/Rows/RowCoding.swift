// Rows are big-endian fixed-width fields and length-prefixed texts; the first byte is the format's number.

import Storage

extension [UInt8] {
    /// Appends a text of at most 65,535 bytes behind its length.
    package mutating func appendText(_ text: String) {
        let utf8 = text.utf8
        precondition(utf8.count <= Int(UInt16.max))
        appendBigEndian(UInt16(utf8.count))
        append(contentsOf: utf8)
    }
}

/// Reads the fields of a row in order; every field is nil once the row has turned out too short.
package struct RowReader {
    package private(set) var offset = 0

    package init() {}

    // One for each width: a generic one is not specialised for other targets.

    package mutating func integer(_: UInt8.Type, in row: Span<UInt8>) -> UInt8? { read(row) }
    package mutating func integer(_: UInt16.Type, in row: Span<UInt8>) -> UInt16? { read(row) }
    package mutating func integer(_: UInt32.Type, in row: Span<UInt8>) -> UInt32? { read(row) }
    package mutating func integer(_: UInt64.Type, in row: Span<UInt8>) -> UInt64? { read(row) }
    package mutating func integer(_: Int64.Type, in row: Span<UInt8>) -> Int64? { read(row) }

    @inline(__always)
    private mutating func read<T: FixedWidthInteger>(_ row: Span<UInt8>) -> T? {
        let width = T.bitWidth / 8
        guard row.count - offset >= width else { return nil }
        var value: T = 0
        for index in offset..<offset + width { value = value << 8 | T(truncatingIfNeeded: row[index]) }
        offset += width
        return value
    }

    package mutating func bytes(_ count: Int, in row: Span<UInt8>) -> [UInt8]? {
        guard row.count - offset >= count else { return nil }
        defer { offset += count }
        return [UInt8](copying: row.extracting(offset..<offset + count))
    }

    package mutating func id(in row: Span<UInt8>) -> UniqueID? {
        guard let id = UniqueID(bytes: row, at: offset) else { return nil }
        offset += UniqueID.byteCount
        return id
    }

    package mutating func text(in row: Span<UInt8>) -> String? {
        guard let range = textRange(in: row) else { return nil }
        return row.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Where a text lies, without making a String of it.
    package mutating func textRange(in row: Span<UInt8>) -> Range<Int>? {
        guard let length = integer(UInt16.self, in: row), row.count - offset >= Int(length) else {
            return nil
        }
        defer { offset += Int(length) }
        return offset..<offset + Int(length)
    }
}
