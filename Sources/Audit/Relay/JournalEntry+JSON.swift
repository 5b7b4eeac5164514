internal import JSON
internal import Storage

extension JournalEntry {
    /// One line of JSON as `journalctl -o json` prints it: a field that comes several times is an array.
    package var jsonLine: [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(2 * bytes.count)
        for index in 0..<fieldCount where firstField(named: nameRange(at: index)) == index {
            line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
            JSONWriter.appendString(utf8: bytes.span.extracting(nameRange(at: index)), to: &line)
            line.append(UInt8(ascii: ":"))
            appendValues(named: index, to: &line)
        }
        line += line.isEmpty ? "{}\n".utf8 : "}\n".utf8
        return line
    }

    private func appendValues(named first: Int, to line: inout [UInt8]) {
        let name = nameRange(at: first)
        let others = (first + 1..<fieldCount).filter { hasName(name, at: $0) }
        if !others.isEmpty { line.append(UInt8(ascii: "[")) }
        JSONWriter.appendString(utf8: bytes.span.extracting(valueRange(at: first)), to: &line)
        for index in others {
            line.append(UInt8(ascii: ","))
            JSONWriter.appendString(utf8: bytes.span.extracting(valueRange(at: index)), to: &line)
        }
        if !others.isEmpty { line.append(UInt8(ascii: "]")) }
    }

    private func firstField(named name: Range<Int>) -> Int? {
        (0..<fieldCount).first { hasName(name, at: $0) }
    }

    private func hasName(_ name: Range<Int>, at index: Int) -> Bool {
        let range = nameRange(at: index)
        return range == name
            || range.count == name.count
                && bytes.span.extracting(range).order(bytes.span.extracting(name)) == 0
    }
}
