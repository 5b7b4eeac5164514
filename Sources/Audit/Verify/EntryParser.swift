internal import JSON
internal import Storage

/// Reads exported journals: what `journalctl -o export` or `-o json` prints, or the server itself with `--audit-output stdout`.
///
/// Takes the bytes as they come. Of an entry it keeps the fields of records, and `_UID`.
package struct EntryParser {
    /// Longest entry: a record has at most ``AuditRecord/payloadBytesMax`` and the journal's own fields beside it.
    package static let entryBytesMax = 4 << 20

    private enum Form { case export, json }

    private var form: Form?
    private var buffer: [UInt8] = []
    /// Where in the buffer the entry begins that is not whole yet.
    private var entryStart = 0
    /// From where in the buffer on no field has been read.
    private var position = 0
    private var entry = JournalEntry()
    private var hasFields = false
    /// Entries that were read, of whatever kind.
    package private(set) var count: UInt64 = 0
    /// Lines of JSON that end before their object does, as where a disk was full or the server was killed; they are left out.
    package private(set) var tornCount = 0

    package init() {}

    /// Takes the next bytes, and shows the entries that end in them, each with its number in the input.
    package mutating func take(
        _ bytes: [UInt8],
        _ body: (JournalEntry, UInt64) -> Void
    ) throws(EntryError) {
        if entryStart > 0 {
            buffer.removeFirst(entryStart)
            position -= entryStart
            entryStart = 0
        }
        buffer += bytes
        if form == nil {
            guard let first = buffer.first(where: { $0 != UInt8(ascii: "\n") }) else { return }
            form = first == UInt8(ascii: "{") ? .json : .export
            // Names of fields have capitals, digits and `_`; a mark of the byte order is no part of one, nor a blank.
            guard form == .json || first.isNameOfField else { throw .malformed(entry: 1) }
        }
        switch form {
        case .json: try takeLines(body)
        default: try takeFields(body)
        }
        guard buffer.count - entryStart <= Self.entryBytesMax + bytes.count else {
            throw .tooLong(entry: count + 1)
        }
    }

    /// Shows the last entry, if nothing ends it but the end of the input.
    package mutating func finish(_ body: (JournalEntry, UInt64) -> Void) throws(EntryError) {
        guard position < buffer.count || hasFields else { return }
        if form == .json {
            return try take([UInt8(ascii: "\n")], body)
        }
        try take(Array("\n\n".utf8), body)
        guard position == buffer.count else { throw .malformed(entry: count + 1) }
    }

    private mutating func end(_ body: (JournalEntry, UInt64) -> Void) {
        count += 1
        body(entry, count)
        entry.removeAll()
        hasFields = false
    }

    /// Whether a field is kept; `_UID` tells who sent the entry, as far as the journal has noted that.
    package static func isKept(_ name: Span<UInt8>) -> Bool {
        switch name.isEmpty ? 0 : name[0] {
        case UInt8(ascii: "S"): name.hasPrefix("SCIM_".utf8.span)
        case UInt8(ascii: "_"): name.isEqual(to: "_UID".utf8.span)
        default: RecordHasher.isCovered(name)
        }
    }
}

/// Why an exported journal cannot be read.
package enum EntryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The entry of this number has not the form of the others.
    case malformed(entry: UInt64)
    /// The entry of this number is longer than ``EntryParser/entryBytesMax``.
    case tooLong(entry: UInt64)
    /// A field of the entry is missing, as `journalctl -o json` leaves out long ones without `-a`.
    case shortened(entry: UInt64)

    package var description: String {
        switch self {
        case .malformed(let entry): "entry \(entry) is no journal entry, neither of -o export nor of -o json"
        case .tooLong(let entry): "entry \(entry) is longer than \(EntryParser.entryBytesMax) bytes"
        case .shortened(let entry):
            "entry \(entry) has a field without its value: export with `journalctl -a -o json`, or with -o export"
        }
    }
}

// MARK: - journalctl -o export

extension EntryParser {
    /// `NAME=value`, or `NAME`, the length in 8 bytes from the lowest on, and the value; an empty line ends the entry.
    private mutating func takeFields(_ body: (JournalEntry, UInt64) -> Void) throws(EntryError) {
        while let lineEnd = index(of: UInt8(ascii: "\n"), from: position) {
            if lineEnd == position {
                position += 1
                if hasFields { end(body) }
                entryStart = position
                continue
            }
            hasFields = true
            if let equals = index(of: UInt8(ascii: "="), from: position, before: lineEnd) {
                try add(position..<equals, equals + 1..<lineEnd)
                position = lineEnd + 1
                continue
            }
            let start = lineEnd + 9
            guard start <= buffer.count else { return }
            var length: UInt64 = 0
            for place in (lineEnd + 1..<start).reversed() { length = length << 8 | UInt64(buffer[place]) }
            guard length <= UInt64(Self.entryBytesMax) else { throw .tooLong(entry: count + 1) }
            let end = start + Int(length)
            guard end < buffer.count else { return }
            guard buffer[end] == UInt8(ascii: "\n") else { throw .malformed(entry: count + 1) }
            try add(position..<lineEnd, start..<end)
            position = end + 1
        }
    }

    private mutating func add(_ name: Range<Int>, _ value: Range<Int>) throws(EntryError) {
        let bytes = buffer
        guard Self.isKept(bytes.span.extracting(name)) else { return }
        guard entry.fieldCount < JournalEntry.fieldsMax else { throw .tooLong(entry: count + 1) }
        entry.append(bytes.span.extracting(name), bytes.span.extracting(value))
    }

    private func index(of byte: UInt8, from start: Int, before end: Int? = nil) -> Int? {
        // The buffer does not leave the closure; a search through a span costs three times as much.
        let found = buffer[start..<(end ?? buffer.count)].withContiguousStorageIfAvailable {
            $0.firstIndex(of: byte)
        }
        return (found ?? nil).map { start + $0 }
    }
}

// MARK: - journalctl -o json

extension EntryParser {
    private mutating func takeLines(_ body: (JournalEntry, UInt64) -> Void) throws(EntryError) {
        while let lineEnd = index(of: UInt8(ascii: "\n"), from: position) {
            if lineEnd > position {
                if let value = try? JSONValue(parsing: Array(buffer[position..<lineEnd])) {
                    try takeObject(value)
                    end(body)
                } else {
                    tornCount += 1
                }
            }
            position = lineEnd + 1
            entryStart = position
        }
    }

    private mutating func takeObject(_ value: JSONValue) throws(EntryError) {
        guard case .object(let object) = value else { throw .malformed(entry: count + 1) }
        for member in object.members where Self.isKept(member.name.utf8.span) {
            // A journal has no other names; one with `=` could be another field's in the other form.
            guard member.name.utf8.allSatisfy(\.isNameOfField) else { throw .malformed(entry: count + 1) }
            switch member.value {
            case .string(let text): try add(member.name, Array(text.utf8))
            case .array(let values):
                // A value that is no text is an array of its bytes.
                if let bytes = Self.bytes(values) {
                    try add(member.name, bytes)
                    continue
                }
                for value in values {
                    switch value {
                    case .string(let text): try add(member.name, Array(text.utf8))
                    case .array(let numbers):
                        guard let bytes = Self.bytes(numbers) else { throw .malformed(entry: count + 1) }
                        try add(member.name, bytes)
                    default: throw .malformed(entry: count + 1)
                    }
                }
            case .null: throw .shortened(entry: count + 1)
            default: throw .malformed(entry: count + 1)
            }
        }
    }

    private static func bytes(_ values: [JSONValue]) -> [UInt8]? {
        guard !values.isEmpty else { return nil }
        var bytes: [UInt8] = []
        for value in values {
            guard case .number(let number) = value, let byte = number.int64.flatMap({ UInt8(exactly: $0) })
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private mutating func add(_ name: String, _ value: [UInt8]) throws(EntryError) {
        guard entry.fieldCount < JournalEntry.fieldsMax else { throw .tooLong(entry: count + 1) }
        entry.append(name.utf8.span, value.span)
    }
}

extension UInt8 {
    fileprivate var isNameOfField: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
