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

    /// Where the name of a field lies.
    func nameRange(at index: Int) -> Range<Int> {
        let field = fieldRange(at: index)
        return field.lowerBound..<(bytes[field].firstIndex(of: UInt8(ascii: "=")) ?? field.upperBound)
    }

    /// Where the value of a field lies whose name lies there.
    func valueRange(at index: Int, named name: Range<Int>) -> Range<Int> {
        let end = fieldRange(at: index).upperBound
        return min(name.upperBound + 1, end)..<end
    }

    /// Where the value of a field lies.
    func valueRange(at index: Int) -> Range<Int> { valueRange(at: index, named: nameRange(at: index)) }

    /// The value of the first field of a name; nil without one.
    package func value(_ name: String) -> String? {
        (0..<fieldCount).first { bytes[nameRange(at: $0)].elementsEqual(name.utf8) }
            .map { String(decoding: bytes[valueRange(at: $0)], as: UTF8.self) }
    }

    /// Names and values in their order, for tests.
    package var fields: [(name: String, value: String)] {
        (0..<fieldCount).map { index in
            (
                String(decoding: bytes[nameRange(at: index)], as: UTF8.self),
                String(decoding: bytes[valueRange(at: index)], as: UTF8.self)
            )
        }
    }
}
