// Rows are big-endian fixed-width fields and length-prefixed texts; the first byte is the format's number.

import Storage

extension [UInt8] {
    /// Appends a text of at most 65,535 bytes behind its length.
    mutating func appendText(_ text: String) {
        let utf8 = text.utf8
        precondition(utf8.count <= Int(UInt16.max))
        appendBigEndian(UInt16(utf8.count))
        append(contentsOf: utf8)
    }
}

/// Reads the fields of a row in order; every field is nil once the row has turned out too short.
struct RowReader {
    private(set) var offset = 0

    mutating func integer<T: FixedWidthInteger>(_: T.Type, in row: Span<UInt8>) -> T? {
        let width = T.bitWidth / 8
        guard row.count - offset >= width else { return nil }
        var value: T = 0
        for index in offset..<offset + width { value = value << 8 | T(truncatingIfNeeded: row[index]) }
        offset += width
        return value
    }

    mutating func bytes(_ count: Int, in row: Span<UInt8>) -> [UInt8]? {
        guard row.count - offset >= count else { return nil }
        defer { offset += count }
        return [UInt8](copying: row.extracting(offset..<offset + count))
    }

    mutating func id(in row: Span<UInt8>) -> UniqueID? {
        guard let id = UniqueID(bytes: row, at: offset) else { return nil }
        offset += UniqueID.byteCount
        return id
    }

    mutating func text(in row: Span<UInt8>) -> String? {
        guard let range = textRange(in: row) else { return nil }
        return row.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Where a text lies, without making a String of it.
    mutating func textRange(in row: Span<UInt8>) -> Range<Int>? {
        guard let length = integer(UInt16.self, in: row), row.count - offset >= Int(length) else {
            return nil
        }
        defer { offset += Int(length) }
        return offset..<offset + Int(length)
    }
}
