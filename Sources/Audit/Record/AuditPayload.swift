internal import JSON
internal import Storage

// The payload of a log row: the fields that the caller decided, in the order of the journal entry.
//
//     format, 1 byte (1)  then for each value: field number, 1 byte ‖ length, 2 bytes ‖ value
//
// Values are stored as the journal gets them, so a later version of this program renders an old row to the same bytes.

/// Writes a payload.
struct AuditPayloadWriter {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(AuditPayload.usualBytes)
        bytes.append(AuditPayload.format)
    }

    /// Adds a value, which must be shorter than 64 KiB.
    mutating func add(_ field: AuditField, _ value: String) {
        let value = value.utf8.span
        bytes.append(addingCapacity: Self.headBytes + value.count) { free in
            Self.begin(field, value.count, &free)
            free.append(copying: value)
        }
    }

    mutating func add(_ field: AuditField, _ value: String?) {
        guard let value else { return }
        add(field, value)
    }

    mutating func add(_ field: AuditField, _ id: UniqueID?) {
        guard let id else { return }
        bytes.append(addingCapacity: Self.headBytes + UniqueID.textByteCount) { free in
            Self.begin(field, UniqueID.textByteCount, &free)
            id.append(textTo: &free)
        }
    }

    /// What stands in front of a value.
    private static func begin(_ field: AuditField, _ byteCount: Int, _ free: inout OutputSpan<UInt8>) {
        precondition(byteCount <= UInt16.max, "values are shorter than 64 KiB")
        free.append(field.rawValue)
        free.append(UInt8(truncatingIfNeeded: byteCount >> 8))
        free.append(UInt8(truncatingIfNeeded: byteCount))
    }

    private static let headBytes = 3

    /// Adds a version as an entity tag; empty for that of the commit that the record is part of, which is not known yet.
    mutating func add(_ field: AuditField, _ version: CommitVersion) {
        guard version != .pending else { return add(field, "") }
        add(field) { bytes in version.append(entityTagTo: &bytes) }
    }

    mutating func add(_ field: AuditField, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        guard let number = Int64(exactly: value) else { return add(field, String(value)) }
        add(field) { bytes in JSONWriter.appendInteger(number, to: &bytes) }
    }

    /// Adds a value whose length is known once it has been written.
    private mutating func add(_ field: AuditField, writing write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.append(addingCapacity: Self.headBytes) { free in Self.begin(field, 0, &free) }
        write(&bytes)
        let count = bytes.count - start - Self.headBytes
        bytes[start + 1] = UInt8(truncatingIfNeeded: count >> 8)
        bytes[start + 2] = UInt8(truncatingIfNeeded: count)
    }

    /// Adds the first members, and how many there are beyond ``AuditRecord/valuesMax``.
    mutating func add(_ field: AuditField, _ members: AuditMembers, more: AuditField) {
        for id in members.first.prefix(AuditRecord.valuesMax) { add(field, id) }
        if members.total > AuditRecord.valuesMax { add(more, members.total - AuditRecord.valuesMax) }
    }
}

enum AuditPayload {
    static let format: UInt8 = 1
    /// The payload of a change of a few attributes or members is no longer.
    static let usualBytes = 512

    /// Visits the places of a payload's values in order; false if it is none, or holds a field that is not known here.
    static func read(_ payload: Span<UInt8>, _ body: (AuditField, Range<Int>) -> Void) -> Bool {
        guard payload.count > 0, payload[0] == format else { return false }
        var offset = 1
        while offset < payload.count {
            guard payload.count - offset >= 3, let field = AuditField(rawValue: payload[offset]) else {
                return false
            }
            let start = offset + 3
            let end = start + Int(payload[offset + 1]) << 8 + Int(payload[offset + 2])
            guard end <= payload.count else { return false }
            body(field, start..<end)
            offset = end
        }
        return true
    }
}
