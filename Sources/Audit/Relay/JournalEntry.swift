/// The fields of one journal entry, laid out in one buffer as the journal's interface takes them: `NAME=value`.
package struct JournalEntry: Sendable, Equatable {
    /// All fields behind one another, without separators; ``fieldRange(at:)`` tells where each lies.
    package private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// The journal's interface refuses an entry with more fields (measured: 510).
    package static let fieldsMax = 500

    package init() {}

    package var fieldCount: Int { ends.count }

    /// Where in ``bytes`` a field lies, its name and `=` included.
    package func fieldRange(at index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Makes room for one entry of usual size.
    package mutating func reserveCapacity(fields: Int, bytes count: Int) {
        ends.reserveCapacity(fields)
        bytes.reserveCapacity(count)
    }

    /// Adds a field.
    package mutating func add(_ name: StaticString, _ value: some StringProtocol) {
        begin(name)
        bytes.append(contentsOf: value.utf8)
        ends.append(bytes.count)
    }

    /// Adds a field.
    package mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
        begin(name)
        for index in value.indices { bytes.append(value[index]) }
        ends.append(bytes.count)
    }

    private mutating func begin(_ name: StaticString) {
        precondition(ends.count < JournalEntry.fieldsMax, "an entry has too many fields")
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "="))
    }

    /// Names and values in their order; for tests and for output that is not the journal's.
    package var fields: [(name: String, value: String)] {
        (0..<fieldCount).map { index in
            let field = bytes[fieldRange(at: index)]
            let name = field.prefix { $0 != UInt8(ascii: "=") }
            return (
                String(decoding: name, as: UTF8.self),
                String(decoding: field.dropFirst(name.count + 1), as: UTF8.self)
            )
        }
    }
}
