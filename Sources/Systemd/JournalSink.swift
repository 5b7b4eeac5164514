package import Audit
internal import CSystemd
internal import Glibc

/// Sends entries to journald and reads them back.
///
/// Sending goes to `/run/systemd/journal/socket`; where a unit sets `LogNamespace=`, that is the namespace's socket. Reading
/// needs the namespace's name, and membership in the group systemd-journal.
@safe
package struct JournalSink: AuditSink, ~Copyable {
    private let storeID: String
    private let namespace: String?
    private var reader: JournalReader?

    /// Makes a sink; the journal is opened when it is first needed, and again after an error.
    ///
    /// - Parameters:
    ///   - storeID: only this store's records are read back: ``AuditRelay/journalStoreID``.
    ///   - namespace: the journal namespace; nil for the default journal.
    package init(storeID: String, namespace: String? = JournalSink.namespaceOfUnit) {
        self.storeID = storeID
        self.namespace = namespace
    }

    /// The namespace that the unit's `LogNamespace=` names; nil without one.
    package static var namespaceOfUnit: String? {
        // The environment is not changed after the start, and the value is copied.
        guard let value = unsafe getenv("LOG_NAMESPACE") else { return nil }
        return unsafe String(cString: value)
    }

    /// Whether there is a journal to send to and to read from.
    ///
    /// Looks at the socket and opens the reading side; it sends nothing, so a journal that hangs counts as available.
    package static func isAvailable(namespace: String? = JournalSink.namespaceOfUnit) -> Bool {
        // The path is a literal.
        guard unsafe access("/run/systemd/journal/socket", W_OK) == 0 else { return false }
        do throws(JournalError) {
            _ = try JournalReader(storeID: "none", namespace: namespace)
            return true
        } catch {
            return false
        }
    }

    package mutating func send(_ entries: [JournalEntry]) -> Bool {
        // What is sent before the reader stands at the journal's end would never be seen.
        guard open() else { return false }
        for entry in entries where JournalSink.send(entry) < 0 { return false }
        return true
    }

    package var isSearchable: Bool { true }

    package mutating func lookAnew() { reader = nil }

    package mutating func readBack(_ body: (AuditRecordID) -> Void) {
        guard open() else { return }
        do throws(JournalError) { try reader?.read(body) } catch { reader = nil }
    }

    package mutating func find(since microseconds: Int64, _ body: (AuditRecordID, TrailHash) -> Bool) -> Bool
    {
        do throws(JournalError) {
            let journal = try Journal(namespace: namespace)
            try journal.match("SCIM_STORE=\(storeID)")
            try journal.match("_UID=\(getuid())")
            try journal.standBefore(UInt64(max(0, microseconds)))
            while try journal.goOn() {
                guard let stream = journal.value(of: "SCIM_STREAM"),
                    let sequence = journal.value(of: "SCIM_SEQ").flatMap({ UInt64($0) }),
                    let hash = journal.value(of: "SCIM_HASH").flatMap({ TrailHash(hex: $0.utf8.span) })
                else { continue }
                guard body(AuditRecordID(stream: stream, sequence: sequence), hash) else { break }
            }
            return true
        } catch {
            return false
        }
    }

    private mutating func open() -> Bool {
        if reader == nil {
            do throws(JournalError) {
                reader = try JournalReader(storeID: storeID, namespace: namespace)
            } catch {
                return false
            }
        }
        return true
    }

    /// Sends one entry; gives what `sd_journal_sendv` does, which is 0 also for entries that are lost.
    private static func send(_ entry: JournalEntry) -> Int32 {
        unsafe entry.bytes.withUnsafeBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: entry.fieldCount) {
                vectors in
                for index in 0..<entry.fieldCount {
                    let range = entry.fieldRange(at: index)
                    // journald does not write through these pointers; the bytes stay until the call returns.
                    unsafe vectors.initializeElement(
                        at: index,
                        to: iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: start + range.lowerBound),
                            iov_len: range.count
                        )
                    )
                }
                return unsafe sd_journal_sendv(vectors.baseAddress, Int32(entry.fieldCount))
            }
        }
    }
}

/// What the journal's library refused.
package struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Call: Sendable { case open, descriptor, match, seek, next }

    package let call: Call
    /// The negative error number.
    package let code: Int32

    package var description: String { "the journal cannot be used (\(call)): \(reason)" }

    /// What the error number means.
    package var reason: String {
        // The text is the library's, and copied at once.
        unsafe strerror(-code).map { unsafe String(cString: $0) } ?? "error \(-code)"
    }
}
