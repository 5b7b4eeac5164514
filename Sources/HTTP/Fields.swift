/// The fields of a message, in the order they came: one copy of their bytes, and ranges into it.
package struct Fields: Sendable {
    /// Shared by the requests of a connection that come with the same bytes.
    private final class Section: Sendable {
        let bytes: [UInt8]
        let lines: [Line]

        init(bytes: [UInt8], lines: [Line]) {
            self.bytes = bytes
            self.lines = lines
        }
    }

    /// Where one field line lies in `bytes`; a head is far below 4 GiB.
    struct Line: Sendable {
        var nameStart: UInt32
        var nameEnd: UInt32
        /// Without the whitespace around it.
        var valueStart: UInt32
        var valueEnd: UInt32
        var known: WellKnownField?

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    private let section: Section

    var bytes: [UInt8] { section.bytes }
    private var lines: [Line] { section.lines }

    init(bytes: [UInt8], lines: [Line]) { section = Section(bytes: bytes, lines: lines) }

    /// Whether both are one copy, and therefore equal; others may be equal too.
    package func isSame(as other: Fields) -> Bool { section === other.section }

    /// Fields made by a program, as tests and internal requests need them; values are taken as they are.
    package init(_ fields: [(FieldName, String)] = []) {
        var bytes: [UInt8] = []
        var lines: [Line] = []
        for (name, value) in fields {
            let nameStart = UInt32(bytes.count)
            bytes.append(contentsOf: name.text.utf8)
            let nameEnd = UInt32(bytes.count)
            bytes.append(contentsOf: value.utf8)
            let known: WellKnownField? = if case .known(let field) = name.kind { field } else { nil }
            lines.append(
                Line(
                    nameStart: nameStart,
                    nameEnd: nameEnd,
                    valueStart: nameEnd,
                    valueEnd: UInt32(bytes.count),
                    known: known
                )
            )
        }
        self.init(bytes: bytes, lines: lines)
    }

    package var count: Int { lines.count }

    /// The value of the first field with this name; bytes that are no UTF-8 become U+FFFD.
    package subscript(name: FieldName) -> String? { first(name).map(text(of:)) }

    /// The values of all fields with this name, in order.
    package func all(_ name: FieldName) -> [String] { lines.filter { matches($0, name) }.map(text(of:)) }

    package func contains(_ name: FieldName) -> Bool { first(name) != nil }

    /// Every field in order, with its name as it was sent; for diagnosis, never for a log.
    package var all: [(name: String, value: String)] {
        lines.map { (name: String(decoding: bytes[$0.name], as: UTF8.self), value: text(of: $0)) }
    }

    /// Calls `body` with the bytes of the first value under this name, without copying; nil when there is none.
    package func withBytes<R>(of name: FieldName, _ body: (Span<UInt8>) -> R) -> R? {
        guard let line = first(name) else { return nil }
        return body(bytes.span.extracting(line.value))
    }

    private func text(of line: Line) -> String { String(decoding: bytes[line.value], as: UTF8.self) }

    private func first(_ name: FieldName) -> Line? { lines.first { matches($0, name) } }

    private func matches(_ line: Line, _ name: FieldName) -> Bool {
        switch name.kind {
        case .known(let field): line.known == field
        case .other(let text): line.known == nil && equalIgnoringCase(bytes.span.extracting(line.name), text)
        }
    }
}
