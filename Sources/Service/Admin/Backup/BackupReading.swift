import JSON
import Storage

/// A copy of the store that is being read a part at a time; whoever has composed the process carries it out.
package protocol BackupReading: Sendable {
    /// The next part; asked for once the one before has come, and never behind the last.
    ///
    /// - Throws: what reading the store throws; the copy is of no use then.
    func next() async throws(StoreError) -> BackupPart
}

/// A part of a copy, as it goes over the admin socket.
///
///     length of the head 4 ‖ head, a JSON object ‖ rows ‖ records of the log
///
/// `rows` and `log` in the head say how long the two are; `last` says whether this is all, and `summary` then tells of the copy.
package struct BackupPart: Sendable {
    package let rows: [UInt8]
    package let log: [UInt8]
    package let isLast: Bool
    /// How far the copy is.
    package let head: JSONObject

    private static let lengthBytes = 4

    /// Takes a part; `head` has none of the members that the form has.
    package init(rows: [UInt8], log: [UInt8], isLast: Bool, head: JSONObject) {
        self.rows = rows
        self.log = log
        self.isLast = isLast
        self.head = head
    }

    var bytes: [UInt8] {
        var head = head
        head["rows"] = .number(JSONNumber(rows.count))
        head["log"] = .number(JSONNumber(log.count))
        head["last"] = .bool(isLast)
        var text: [UInt8] = []
        JSONValue.object(head).write(to: &text)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.lengthBytes + text.count + rows.count + log.count)
        bytes.appendBigEndian(UInt32(text.count))
        bytes += text
        bytes += rows
        bytes += log
        return bytes
    }

    /// Reads what came over the socket; nil if it is no part, or not whole.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= Self.lengthBytes else { return nil }
        let headEnd = Self.lengthBytes + Int(bytes.span.bigEndian32(at: 0))
        guard bytes.count >= headEnd,
            case .object(let head)? = try? JSONValue(parsing: Array(bytes[Self.lengthBytes..<headEnd]))
        else { return nil }
        let rowsEnd = headEnd + max(0, head.integer("rows"))
        guard bytes.count >= rowsEnd, bytes.count - rowsEnd == head.integer("log") else { return nil }
        self.init(
            rows: Array(bytes[headEnd..<rowsEnd]),
            log: Array(bytes[rowsEnd...]),
            isLast: head.flag("last"),
            head: head
        )
    }
}
