package import Audit
internal import Glibc

/// Prints entries, one line of JSON each, where there is no journal; a line written whole counts as delivered.
package struct StandardOutputSink: AuditSink {
    private let descriptor: Int32
    private var written: [AuditRecordID] = []

    /// Prints to a descriptor, which is standard output unless told otherwise.
    package init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

    package mutating func send(_ entries: [JournalEntry]) -> Bool {
        for entry in entries {
            guard write(entry.jsonLine) else { return false }
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

    private func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The bytes stay until the call returns.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno != EINTR {
                return false
            }
        }
        return true
    }
}
