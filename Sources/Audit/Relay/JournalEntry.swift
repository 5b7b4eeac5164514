internal import Storage

/// The fields of one journal entry, laid out in one buffer as the journal's interface takes them: `NAME=value`.
package struct JournalEntry: Sendable, Equatable {
    /// All fields behind one another, without separators; ``fieldRange(at:)`` tells where each lies.
    package private(set) var bytes: [UInt8] = []
    private var places: [Place] = []

    /// Where a field begins is where the one before it ends.
    private struct Place: Sendable, Equatable {
        let nameEnd: Int
        let end: Int
    }

    /// The journal's interface refuses an entry with more fields (measured: 510).
    package static let fieldsMax = 500

    package init() {}

    package var fieldCount: Int { places.count }

    /// Where in ``bytes`` a field lies, its name and `=` included.
    package func fieldRange(at index: Int) -> Range<Int> { start(at: index)..<places[index].end }

    private func start(at index: Int) -> Int { index == 0 ? 0 : places[index - 1].end }

    /// Makes room for one entry of usual size.
    package mutating func reserveCapacity(fields: Int, bytes count: Int) {
        places.reserveCapacity(fields)
        bytes.reserveCapacity(count)
    }

    /// Adds a field.
    package mutating func add(_ name: StaticString, _ value: String) {
        add(name) { $0.append(contentsOf: value.utf8) }
    }

    /// Adds a field whose value `appendValue` writes.
    package mutating func add(_ name: StaticString, _ appendValue: (inout [UInt8]) -> Void) {
        precondition(fieldCount < JournalEntry.fieldsMax, "an entry has too many fields")
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        let nameEnd = bytes.count
        bytes.append(UInt8(ascii: "="))
        appendValue(&bytes)
        places.append(Place(nameEnd: nameEnd, end: bytes.count))
    }

    /// Adds a field that was read somewhere; the caller keeps to ``fieldsMax``.
    package mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        precondition(fieldCount < JournalEntry.fieldsMax, "an entry has too many fields")
        bytes.append(copying: name)
        let nameEnd = bytes.count
        bytes.append(UInt8(ascii: "="))
        bytes.append(copying: value)
        places.append(Place(nameEnd: nameEnd, end: bytes.count))
    }

    /// Takes all fields out, and keeps the room for the next entry's.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    /// Where the name of a field lies.
    package func nameRange(at index: Int) -> Range<Int> { start(at: index)..<places[index].nameEnd }

    /// Where the value of a field lies.
    package func valueRange(at index: Int) -> Range<Int> { places[index].nameEnd + 1..<places[index].end }

    /// The value of the first field of a name; nil without one.
    package func value(_ name: String) -> String? {
        (0..<fieldCount).first { bytes.span.extracting(nameRange(at: $0)).isEqual(to: name.utf8.span) }
            .map { String(decoding: bytes[valueRange(at: $0)], as: UTF8.self) }
    }

    /// Names and values in their order.
    package var fields: [(name: String, value: String)] {
        (0..<fieldCount).map { index in
            (
                String(decoding: bytes[nameRange(at: index)], as: UTF8.self),
                String(decoding: bytes[valueRange(at: index)], as: UTF8.self)
            )
        }
    }
}
