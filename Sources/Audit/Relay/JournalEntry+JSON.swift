internal import JSON
internal import Storage

extension JournalEntry {
    /// One line of JSON as `journalctl -o json` prints it: a field that comes several times is an array.
    package var jsonLine: [UInt8] {
        // A field that has been written behind another of its name has none any more.
        var names = (0..<fieldCount).map { nameRange(at: $0) }
        var line: [UInt8] = []
        line.reserveCapacity(2 * bytes.count)
        for index in names.indices where !names[index].isEmpty {
            line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
            JSONWriter.appendString(utf8: bytes.span.extracting(names[index]), to: &line)
            line.append(UInt8(ascii: ":"))
            let others = (index + 1..<fieldCount).filter { isSame(names[$0], names[index]) }
            if !others.isEmpty { line.append(UInt8(ascii: "[")) }
            appendValue(at: index, to: &line)
            for other in others {
                line.append(UInt8(ascii: ","))
                appendValue(at: other, to: &line)
                names[other] = 0..<0
            }
            if !others.isEmpty { line.append(UInt8(ascii: "]")) }
        }
        line += line.isEmpty ? "{}\n".utf8 : "}\n".utf8
        return line
    }

    private func appendValue(at index: Int, to line: inout [UInt8]) {
        JSONWriter.appendString(utf8: bytes.span.extracting(valueRange(at: index)), to: &line)
    }

    private func isSame(_ name: Range<Int>, _ other: Range<Int>) -> Bool {
        name.count == other.count
            && bytes.span.extracting(name).isEqual(to: bytes.span.extracting(other))
    }
}
