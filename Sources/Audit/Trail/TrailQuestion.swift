package import Storage

/// What is asked of the trail: the records of one resource, the newest first.
package struct TrailQuestion: Sendable, Equatable {
    /// Where a record is: its number, and where its number is looked for.
    package struct Place: Sendable, Equatable {
        package let sequence: UInt64
        /// The record's order in the outbox, or microseconds since 1970 in the journal; the highest number for the end.
        package let position: UInt64

        package init(sequence: UInt64, position: UInt64) {
            self.sequence = sequence
            self.position = position
        }

        /// Reads what ``text`` gives; nil if it is no place.
        package init?(text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let sequence = UInt64(parts[0]), let position = UInt64(parts[1]) else {
                return nil
            }
            self.init(sequence: sequence, position: position)
        }

        package var text: String { "\(sequence).\(position)" }

        /// The place right behind this one, from where it is the first that is found.
        package var following: Place {
            func next(_ number: UInt64) -> UInt64 { number == .max ? .max : number + 1 }
            return Place(sequence: next(sequence), position: next(position))
        }

        static let end = Place(sequence: .max, position: .max)
    }

    /// The tenant's name.
    package let stream: String
    package let resource: UniqueID
    /// The resource's id as records have it.
    package var resourceText: String { resource.text }
    /// Only records in front of this place.
    package let before: Place
    /// From 1 to ``AuditTrail/recordsMax``.
    package let limit: Int

    /// - Parameters:
    ///   - stream: the tenant's name.
    ///   - resource: whose records: those of its changes, and those of groups that it came into or left.
    ///   - before: only records in front of this place; nil for the newest.
    ///   - limit: how many, at most ``AuditTrail/recordsMax``.
    package init(stream: String, resource: UniqueID, before: Place?, limit: Int = AuditTrail.recordsMax) {
        self.stream = stream
        self.resource = resource
        self.before = before ?? .end
        self.limit = min(max(1, limit), AuditTrail.recordsMax)
    }
}

/// A record as it is read back.
package struct TrailRecord: Sendable {
    package let place: TrailQuestion.Place
    /// Names and values in the order of ``AuditField``; a name may come several times.
    package let fields: [(name: String, value: String)]

    /// Keeps those of an entry's fields that tell of the event, in one order wherever it was read.
    package init(_ place: TrailQuestion.Place, _ fields: [(name: String, value: String)]) {
        self.place = place
        let known = fields.compactMap { field in Self.ranks[field.name].map { (rank: $0, field: field) } }
        self.fields = known.sorted { ($0.rank, $0.field.value) < ($1.rank, $1.field.value) }.map(\.field)
    }

    private static let ranks: [String: Int] = {
        let names = ["SCIM_STREAM", "SCIM_SEQ", "SCIM_TIME"] + AuditField.allCases.map { "\($0.name)" }
        return Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    }()
}

/// Records, and where further ones are.
package struct TrailPage: Sendable {
    /// The newest first.
    package var records: [TrailRecord]
    /// Nil if there are no further ones where this was read.
    package var next: TrailQuestion.Place?
    /// Whether it was read in the journal; otherwise it is what the store still keeps.
    package var isOfJournal: Bool

    package init(records: [TrailRecord], next: TrailQuestion.Place?, isOfJournal: Bool) {
        self.records = records
        self.next = next
        self.isOfJournal = isOfJournal
    }
}
