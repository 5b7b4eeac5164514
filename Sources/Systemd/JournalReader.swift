internal import Audit
internal import CSystemd
internal import Glibc

/// An open journal.
@safe
private struct Journal: ~Copyable {
    // Opened in the initialiser, closed in the deinitialiser, used in between only.
    let pointer: OpaquePointer

    init(namespace: String?) throws(JournalError) {
        var opened: OpaquePointer?
        let flags = Int32(SD_JOURNAL_LOCAL_ONLY)
        // The library fills in `opened`, and copies the name.
        let code: Int32
        if let namespace {
            code = unsafe sd_journal_open_namespace(&opened, namespace, flags)
        } else {
            code = unsafe sd_journal_open(&opened, flags)
        }
        guard code >= 0, let opened = unsafe opened else { throw JournalError(call: .open, code: code) }
        unsafe pointer = opened
    }

    deinit { unsafe sd_journal_close(pointer) }

    /// Restricts the journal to a store's records, and stands behind those that are there already.
    func follow(storeID: String) throws(JournalError) {
        // Without this first call, the library would never learn of rotated files.
        try check(.descriptor, unsafe sd_journal_get_fd(pointer))
        // `_UID` cannot be forged: another user's entry confirms nothing. The library copies the texts; length 0 says
        // that they end in a zero byte.
        try check(.match, unsafe sd_journal_add_match(pointer, "SCIM_STORE=\(storeID)", 0))
        try check(.match, unsafe sd_journal_add_match(pointer, "_UID=\(getuid())", 0))
        try check(.seek, unsafe sd_journal_seek_tail(pointer))
        let found = unsafe sd_journal_previous(pointer)
        try check(.seek, found)
        // Without an entry to stand on, `sd_journal_next` would find nothing from the tail, ever.
        if found == 0 { try check(.seek, unsafe sd_journal_seek_head(pointer)) }
    }

    private func check(_ call: JournalError.Call, _ code: Int32) throws(JournalError) {
        guard code >= 0 else { throw JournalError(call: call, code: code) }
    }
}

/// Follows the records of one store in the journal; belongs to one thread at a time.
struct JournalReader: ~Copyable {
    private let journal: Journal
    private var readsUntilProcess = 0

    /// Rotated and new files are looked for after this many reads that found nothing new.
    private static let readsPerProcess = 16

    init(storeID: String, namespace: String?) throws(JournalError) {
        let journal = try Journal(namespace: namespace)
        try journal.follow(storeID: storeID)
        self.journal = journal
    }

    /// Visits the records that have come since the last call.
    mutating func read(_ body: (AuditRecordID) -> Void) throws(JournalError) {
        if readsUntilProcess == 0 {
            readsUntilProcess = JournalReader.readsPerProcess
            _ = unsafe sd_journal_process(journal.pointer)
        }
        readsUntilProcess -= 1
        while true {
            let found = unsafe sd_journal_next(journal.pointer)
            guard found >= 0 else { throw JournalError(call: .next, code: found) }
            guard found > 0 else { return }
            guard let stream = value(of: "SCIM_STREAM"), let text = value(of: "SCIM_SEQ"),
                let sequence = UInt64(text)
            else { continue }
            body(AuditRecordID(stream: stream, sequence: sequence))
        }
    }

    private func value(of name: StaticString) -> String? {
        var start: UnsafeRawPointer?
        var count = 0
        return name.withUTF8Buffer { bytes -> String? in
            // A literal's bytes end in a zero byte. What the library gives is valid until its next call.
            guard let base = bytes.baseAddress,
                unsafe sd_journal_get_data(journal.pointer, base, &start, &count) >= 0,
                let start = unsafe start,
                count > bytes.count
            else { return nil }
            let field = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe String(decoding: field.dropFirst(bytes.count + 1), as: UTF8.self)
        }
    }
}
