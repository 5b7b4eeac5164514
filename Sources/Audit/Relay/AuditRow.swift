internal import JSON
package import Storage

/// A row of the log as the journal gets it.
///
/// The entry follows from the row and the store's id alone, at any later time and under any later version of this
/// program. So a record that is sealed once more gets the same hash (``TrailChain``).
package struct AuditRow: Sendable, Equatable {
    package let row: LogRow
    package let storeID: UniqueID

    /// The version of the record's form.
    package static let schemaVersion = "1"
    package static let identifier = "scim-audit"
    /// "log audit" (RFC 5424 §6.2.1).
    package static let facility = "13"

    package init(_ row: LogRow, storeID: UniqueID) {
        self.row = row
        self.storeID = storeID
    }

    package var id: AuditRecordID { AuditRecordID(stream: row.stream, sequence: row.sequence) }

    /// The entry.
    ///
    /// A row that this version cannot read, because it is damaged or was written by a later version, becomes an entry
    /// without an event: its number must not be missing in the stream.
    package func journalEntry() -> JournalEntry {
        let head = AuditHead(payload: row.payload)
        var entry = JournalEntry()
        entry.reserveCapacity(fields: 40, bytes: 512 + 2 * row.payload.count)
        if let head {
            entry.add("MESSAGE") { appendMessage(head, to: &$0) }
            entry.add("MESSAGE_ID", head.event.messageID)
            entry.add("PRIORITY", String(head.priority))
        } else {
            entry.add("MESSAGE", "unreadable record seq=\(row.sequence)")
            entry.add("PRIORITY", "3")
        }
        entry.add("SYSLOG_IDENTIFIER", AuditRow.identifier)
        entry.add("SYSLOG_FACILITY", AuditRow.facility)
        entry.add("SCIM_SCHEMA", AuditRow.schemaVersion)
        entry.add("SCIM_STORE") { storeID.append(digitsTo: &$0) }
        entry.add("SCIM_STREAM", row.stream)
        entry.add("SCIM_SEQ", String(row.sequence))
        let time = Timestamp(microseconds: row.timeMicroseconds)
        entry.add("SCIM_TIME") { time.append(microsecondTextTo: &$0) }
        if head != nil { addPayload(to: &entry) }
        return entry
    }

    /// Whether it tells of a checkpoint.
    var isCheckpoint: Bool {
        var isCheckpoint = false
        _ = AuditPayload.read(row.payload.span) { field, place in
            if field == .event {
                isCheckpoint = row.payload[place].elementsEqual(AuditEvent.auditCheckpoint.name.utf8)
            }
        }
        return isCheckpoint
    }

    private func addPayload(to entry: inout JournalEntry) {
        _ = AuditPayload.read(row.payload.span) { field, place in
            if field == .versionNew || field == .versionOld && place.isEmpty {
                entry.add(field.name) { row.version.append(entityTagTo: &$0) }
            } else {
                entry.add(field.name) { $0 += row.payload[place] }
            }
        }
    }

    /// Words, names that this server or its operator gave, ids and numbers; nothing that a client wrote.
    private func appendMessage(_ head: AuditHead, to bytes: inout [UInt8]) {
        func add(_ name: String, _ place: Range<Int>?) {
            guard let place else { return }
            bytes += name.utf8
            bytes += row.payload[place]
        }
        bytes += head.event.name.utf8
        add(" ", head.outcome)
        add(" tenant=", head.tenant)
        add(" reason=", head.reason)
        add(" actor=", head.actorID.map { _ in head.actorType })
        add(":", head.actorID)
        add(" target=", head.targetType)
        add("/", head.targetID)
        add(" count=", head.count)
        bytes += " seq=\(row.sequence)".utf8
    }
}

/// What names a record in a store's journal.
package struct AuditRecordID: Sendable, Hashable {
    package let stream: String
    /// Counts from 1 in the stream, without gaps.
    package let sequence: UInt64

    package init(stream: String, sequence: UInt64) {
        self.stream = stream
        self.sequence = sequence
    }
}

extension UniqueID {
    /// The id as the journal writes 128-bit ids: 32 digits without dashes.
    package var journalText: String {
        var digits: [UInt8] = []
        append(digitsTo: &digits)
        return String(decoding: digits, as: UTF8.self)
    }
}

/// What the message and the priority are made of: the event, and where in the payload the rest lies.
private struct AuditHead {
    var event = AuditEvent.serviceStart
    var isSuccess = false
    var outcome = 0..<0
    var actorType = 0..<0
    var reason, tenant, actorID, targetType, targetID, count: Range<Int>?

    init?(payload: [UInt8]) {
        var hasEvent = false
        let isWhole = AuditPayload.read(payload.span) { field, place in
            switch field {
            case .event:
                let name = String(decoding: payload[place], as: UTF8.self)
                guard let event = AuditEvent(rawValue: name) else { return }
                self.event = event
                hasEvent = true
            case .outcome:
                outcome = place
                isSuccess = payload[place].elementsEqual(AuditOutcome.success.word.utf8)
            case .reason: reason = place
            case .tenant: tenant = place
            case .actorType: actorType = place
            case .actorID: actorID = place
            case .targetType: targetType = place
            case .targetID: targetID = place
            case .count: count = place
            default: break
            }
        }
        guard isWhole, hasEvent else { return nil }
    }

    /// The event's own failure priority stands in for a success that this version no longer knows, and the reverse.
    var priority: UInt8 {
        let ofSuccess = event.successPriority
        let ofFailure = event.failurePriority
        return (isSuccess ? ofSuccess ?? ofFailure : ofFailure ?? ofSuccess) ?? 4
    }
}
