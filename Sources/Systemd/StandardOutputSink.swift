package import Audit
internal import Glibc

/// Prints entries, one line each, where there is no journal; a line written whole counts as delivered.
package struct StandardOutputSink: AuditSink {
    private let descriptor: Int32
    private let line: @Sendable (JournalEntry) -> [UInt8]
    private var written: [AuditRecordID] = []
    /// Whether a line was written in part, as on a full disk: what comes next begins another one.
    private var isWithinLine = false
    private static let lineBreak = UInt8(ascii: "\n")

    /// Prints to a descriptor, which is standard output unless told otherwise.
    ///
    /// `line`: an entry's line, with the line break; JSON unless told otherwise.
    package init(
        descriptor: Int32 = STDOUT_FILENO,
        line: @escaping @Sendable (JournalEntry) -> [UInt8] = { $0.jsonLine }
    ) {
        self.descriptor = descriptor
        self.line = line
    }

    package mutating func send(_ entries: [JournalEntry]) -> Bool {
        for entry in entries {
            guard write(line(entry)) else { return false }
            guard let stream = entry.value("SCIM_STREAM"), let text = entry.value("SCIM_SEQ"),
                let sequence = UInt64(text)
            else { continue }
            written.append(AuditRecordID(stream: stream, sequence: sequence))
        }
        return true
    }

    package mutating func readBack(_ body: (AuditRecordID) -> Void) {
        for id in written { body(id) }
        written = []
    }

    private mutating func write(_ line: [UInt8]) -> Bool {
        let bytes = isWithinLine ? [Self.lineBreak] + line : line
        var rest = bytes[...]
        while !rest.isEmpty {
            // The bytes stay until the call returns.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno != EINTR {
                // The break alone may have been written, which ends what was there.
                if rest.count < bytes.count { isWithinLine = rest.count < line.count }
                return false
            }
        }
        isWithinLine = false
        return true
    }
}
