import Audit

/// The entries of an exported journal are the same however its bytes arrive, and have only fields that are kept, which its bytes hold.
enum EntryTarget {
    private typealias Outcome = (entries: [JournalEntry], error: EntryError?, tornCount: Int)

    static func check(_ bytes: [UInt8]) {
        var numbers = InputNumbers(bytes)
        let outcomes = numbers.pieceSizes(bytes.count).map { parse(bytes, $0) }
        let (entries, error, tornCount) = outcomes[0]
        for other in outcomes {
            hold(other.entries == entries, "entries do not depend on the pieces")
            hold(other.error == error && other.tornCount == tornCount, "and neither does the end")
        }
        for entry in entries {
            hold(
                entry.fieldCount <= JournalEntry.fieldsMax,
                "an entry has as many fields as the journal takes"
            )
            for index in 0..<entry.fieldCount {
                let name = entry.bytes.span.extracting(entry.nameRange(at: index))
                hold(EntryParser.isKept(name), "a field that is not kept is not there")
            }
        }
        guard error == nil, tornCount == 0 else { return }
        let again = parse(exported(entries), [1 + bytes.count])
        // An entry of which no field was kept is none in the export.
        hold(again.entries == entries.filter { $0.fieldCount > 0 }, "exported entries are those entries")
        hold(again.error == nil, "exported entries are an export")
    }

    private static func parse(_ bytes: [UInt8], _ sizes: [Int]) -> Outcome {
        var parser = EntryParser()
        var entries: [JournalEntry] = []
        var rest = bytes[...]
        var turn = 0
        do throws(EntryError) {
            while !rest.isEmpty {
                let piece = Array(rest.prefix(sizes[turn % sizes.count]))
                rest = rest.dropFirst(piece.count)
                turn += 1
                try parser.take(piece) { entry, _ in entries.append(entry) }
            }
            try parser.finish { entry, _ in entries.append(entry) }
            hold(parser.count == UInt64(entries.count), "entries are counted")
            return (entries, nil, parser.tornCount)
        } catch {
            return (entries, error, parser.tornCount)
        }
    }

    /// As `journalctl -o export` writes them, each value with its length.
    private static func exported(_ entries: [JournalEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries where entry.fieldCount > 0 {
            for index in 0..<entry.fieldCount {
                let value = entry.valueRange(at: index)
                bytes += entry.bytes[entry.nameRange(at: index)]
                bytes.append(UInt8(ascii: "\n"))
                bytes += (0..<8).map { UInt8(truncatingIfNeeded: value.count >> ($0 * 8)) }
                bytes += entry.bytes[value]
                bytes.append(UInt8(ascii: "\n"))
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
