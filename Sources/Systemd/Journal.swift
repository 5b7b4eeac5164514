internal import Audit
internal import CSystemd

/// An open journal; belongs to one thread at a time.
@safe
struct Journal: ~Copyable {
    // Opened in the initialiser, closed in the deinitialiser, used in between only.
    private let pointer: OpaquePointer

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

    /// Opens all journals of a folder, as another machine may have sent them.
    init(folder: String) throws(JournalError) {
        var opened: OpaquePointer?
        // The library fills in `opened`, and copies the name.
        let code = unsafe sd_journal_open_directory(&opened, folder, 0)
        guard code >= 0, let opened = unsafe opened else { throw JournalError(call: .open, code: code) }
        unsafe pointer = opened
    }

    /// Opens one file of a journal.
    init(file: String) throws(JournalError) {
        var opened: OpaquePointer?
        let code = unsafe file.withCString { path in
            var paths: [UnsafePointer<CChar>?] = unsafe [path, nil]
            // The library fills in `opened`, and copies the path.
            return unsafe sd_journal_open_files(&opened, &paths, 0)
        }
        guard code >= 0, let opened = unsafe opened else { throw JournalError(call: .open, code: code) }
        unsafe pointer = opened
    }

    deinit { unsafe sd_journal_close(pointer) }

    /// Has the library show values of any length.
    func showWholeValues() throws(JournalError) {
        try check(.descriptor, unsafe sd_journal_set_data_threshold(pointer, 0))
    }

    // MARK: - Which entries

    /// Restricts the entries to those with a field; those of one field are alternatives, and all fields have to match.
    func match(_ field: String) throws(JournalError) {
        // The library copies the text; length 0 says that it ends in a zero byte.
        try check(.match, unsafe sd_journal_add_match(pointer, field, 0))
    }

    /// Begins another set of fields: an entry that matches one of the sets is enough.
    func addAlternative() throws(JournalError) {
        try check(.match, unsafe sd_journal_add_disjunction(pointer))
    }

    // MARK: - Where

    /// Has the library learn of rotated and new files from now on.
    func watchFiles() throws(JournalError) { try check(.descriptor, unsafe sd_journal_get_fd(pointer)) }

    /// Learns of rotated and new files.
    func learnFiles() { _ = unsafe sd_journal_process(pointer) }

    /// Stands on the last entry that there is, or in front of all that will come.
    func standOnLast() throws(JournalError) {
        try check(.seek, unsafe sd_journal_seek_tail(pointer))
        let found = unsafe sd_journal_previous(pointer)
        try check(.seek, found)
        // Without an entry to stand on, `sd_journal_next` would find nothing from the tail, ever.
        if found == 0 { try check(.seek, unsafe sd_journal_seek_head(pointer)) }
    }

    /// Stands so that ``goBack()`` finds the last entry that came at a time or before; nil: the last entry of all.
    func standBehind(_ microseconds: UInt64?) throws(JournalError) {
        if let microseconds {
            try check(.seek, unsafe sd_journal_seek_realtime_usec(pointer, microseconds + 1))
        } else {
            try check(.seek, unsafe sd_journal_seek_tail(pointer))
        }
    }

    /// Stands so that ``goOn()`` finds the first entry that came at a time or later; nil: the first of all.
    func standBefore(_ microseconds: UInt64?) throws(JournalError) {
        if let microseconds {
            try check(.seek, unsafe sd_journal_seek_realtime_usec(pointer, microseconds))
        } else {
            try check(.seek, unsafe sd_journal_seek_head(pointer))
        }
    }

    /// Goes to the next entry; false if there is none.
    func goOn() throws(JournalError) -> Bool {
        let found = unsafe sd_journal_next(pointer)
        try check(.next, found)
        return found > 0
    }

    /// Goes to the entry before; false if there is none.
    func goBack() throws(JournalError) -> Bool {
        let found = unsafe sd_journal_previous(pointer)
        try check(.next, found)
        return found > 0
    }

    // MARK: - What the entry says

    /// When the entry came, in microseconds since 1970.
    func time() throws(JournalError) -> UInt64 {
        var time: UInt64 = 0
        // The library fills in the number.
        try check(.next, unsafe sd_journal_get_realtime_usec(pointer, &time))
        return time
    }

    /// The first value of a field; nil if the entry has none.
    func value(of name: StaticString) -> String? {
        var start: UnsafeRawPointer?
        var count = 0
        return name.withUTF8Buffer { bytes -> String? in
            // A literal's bytes end in a zero byte. What the library gives is valid until its next call.
            guard let base = bytes.baseAddress,
                unsafe sd_journal_get_data(pointer, base, &start, &count) >= 0,
                let start = unsafe start,
                count > bytes.count
            else { return nil }
            let field = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe String(decoding: field.dropFirst(bytes.count + 1), as: UTF8.self)
        }
    }

    /// All fields of the entry, names and values, in the journal's own order.
    func fields() -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var start: UnsafeRawPointer?
        var count = 0
        unsafe sd_journal_restart_data(pointer)
        // What the library gives is valid until its next call, and copied before that.
        while unsafe sd_journal_enumerate_available_data(pointer, &start, &count) > 0,
            let start = unsafe start
        {
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            guard let end = unsafe bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = unsafe String(decoding: bytes[..<end], as: UTF8.self)
            fields.append((name, unsafe String(decoding: bytes[(end + 1)...], as: UTF8.self)))
        }
        return fields
    }

    /// Adds those of the entry's fields to another one that records have.
    func copyFields(to entry: inout JournalEntry) {
        var start: UnsafeRawPointer?
        var count = 0
        unsafe sd_journal_restart_data(pointer)
        // What the library gives is valid until its next call, and copied before that.
        while unsafe sd_journal_enumerate_available_data(pointer, &start, &count) > 0,
            let start = unsafe start, entry.fieldCount < JournalEntry.fieldsMax
        {
            let field = unsafe UnsafeBufferPointer(
                start: start.assumingMemoryBound(to: UInt8.self),
                count: count
            )
            guard let end = unsafe field.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let bytes = unsafe field.span
            let name = bytes.extracting(0..<end)
            if EntryParser.isKept(name) { entry.append(name, bytes.extracting(droppingFirst: end + 1)) }
        }
    }

    private func check(_ call: JournalError.Call, _ code: Int32) throws(JournalError) {
        guard code >= 0 else { throw JournalError(call: call, code: code) }
    }
}
