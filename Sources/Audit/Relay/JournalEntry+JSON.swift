internal import JSON
internal import Storage

extension JournalEntry {
    /// One line of JSON as `journalctl -o json` prints it: a field that comes several times is an array.
    package var jsonLine: [UInt8] {
        // A field that has been written behind another of its name has none any more.
        var names = (0..<fieldCount).map { nameRange(at: $0) }
        // Names that differ mostly do so in their length and their ends.
        let signs = names.map { sign($0) }
        var line: [UInt8] = []
        line.reserveCapacity(2 * bytes.count)
        for index in names.indices where !names[index].isEmpty {
            line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
            JSONWriter.appendString(utf8: bytes.span.extracting(names[index]), to: &line)
            line.append(UInt8(ascii: ":"))
            var count = 1
            for other in index + 1..<fieldCount where signs[other] == signs[index] {
                guard isSame(names[other], names[index]) else { continue }
                if count == 1 {
                    line.append(UInt8(ascii: "["))
                    appendValue(at: index, to: &line)
                }
                line.append(UInt8(ascii: ","))
                appendValue(at: other, to: &line)
                names[other] = 0..<0
                count += 1
            }
            if count == 1 { appendValue(at: index, to: &line) } else { line.append(UInt8(ascii: "]")) }
        }
        line += line.isEmpty ? "{}\n".utf8 : "}\n".utf8
        return line
    }

    private func appendValue(at index: Int, to line: inout [UInt8]) {
        JSONWriter.appendString(utf8: bytes.span.extracting(valueRange(at: index)), to: &line)
    }

    /// Equal for equal names.
    private func sign(_ name: Range<Int>) -> UInt64 {
        var sign = UInt64(name.count)
        for index in name.suffix(7) { sign = sign << 8 | UInt64(bytes[index]) }
        return sign
    }

    private func isSame(_ name: Range<Int>, _ other: Range<Int>) -> Bool {
        name.count == other.count
            && bytes.span.extracting(name).isEqual(to: bytes.span.extracting(other))
    }
}
