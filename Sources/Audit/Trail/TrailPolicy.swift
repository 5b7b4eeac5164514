package import Storage

/// What the server is told of its trail that its readers have to know: a change of it is an event of its own.
package struct TrailPolicy: Sendable, Equatable {
    package var onFull: AuditOnFull
    package var acknowledgement: AuditAcknowledgement

    package init(onFull: AuditOnFull = .refuse, acknowledgement: AuditAcknowledgement = .store) {
        self.onFull = onFull
        self.acknowledgement = acknowledgement
    }

    private static let key = Key([AuditOutbox.keySpace, 0x05])

    /// Notes the policy in the store; empty if it is the one that was noted last, which at first is the default.
    ///
    /// - Throws: what reading the store throws.
    package func mutations(_ store: any Store) throws(StoreError) -> [Mutation] {
        let old = try store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.read(Self.key) { value, _ in TrailPolicy(row: value) } ?? nil
        }
        let changes = changes(from: old ?? TrailPolicy())
        guard !changes.isEmpty else { return [] }
        return [.put(Self.key, row)] + changes.map { .append($0.logEntry()) }
    }

    private func changes(from old: TrailPolicy) -> [AuditRecord] {
        let settings = [
            ("auditOnFull", old.onFull.rawValue, onFull.rawValue),
            ("auditAck", old.acknowledgement.rawValue, acknowledgement.rawValue),
        ]
        return settings.filter { $0.1 != $0.2 }.map { name, old, new in
            var record = AuditRecord(.auditPolicy, .success, actor: .system)
            record.attributes = AuditAttributePath(name).map { [$0] } ?? []
            if let old = AuditSlug(old), let new = AuditSlug(new) {
                record.details = .setting(old: old, new: new)
            }
            return record
        }
    }

    private var row: [UInt8] { Array("\(onFull.rawValue) \(acknowledgement.rawValue)".utf8) }

    /// Nil if the row is damaged.
    private init?(row: Span<UInt8>) {
        let words = String(decoding: [UInt8](copying: row), as: UTF8.self).split(separator: " ")
        guard words.count == 2, let onFull = AuditOnFull(rawValue: String(words[0])),
            let acknowledgement = AuditAcknowledgement(rawValue: String(words[1]))
        else { return nil }
        self.init(onFull: onFull, acknowledgement: acknowledgement)
    }
}
