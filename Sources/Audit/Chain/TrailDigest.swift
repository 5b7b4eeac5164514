internal import Storage

// The domains of the chain's digests: none can be taken for one of another kind.
//
//     record   SHA-256("scim-audit/1 record"  ‖ 0 ‖ canonical form)
//     genesis  SHA-256("scim-audit/1 genesis" ‖ 0 ‖ store ‖ 0 ‖ stream)
//     anchor   SHA-256("scim-audit/1 anchor"  ‖ 0 ‖ store ‖ 0 ‖ stream ‖ 0 ‖ number)
//     restore  SHA-256("scim-audit/1 restore" ‖ 0 ‖ store ‖ 0 ‖ old store ‖ 0 ‖ stream ‖ 0 ‖ number ‖ 0 ‖ hash)
//
// Stores are the texts of SCIM_STORE, numbers decimal, hashes hexadecimal.

/// Computes the digests of the chain.
package struct TrailDigest: Sendable {
    /// SHA-256 (FIPS 180-4).
    package let sha256: @Sendable (Span<UInt8>) -> [UInt8]

    package init(sha256: @escaping @Sendable (Span<UInt8>) -> [UInt8]) { self.sha256 = sha256 }

    func hash(_ bytes: [UInt8]) -> TrailHash {
        let digest = sha256(bytes.span)
        guard let hash = TrailHash(digest.span) else { preconditionFailure("SHA-256 gives 32 bytes") }
        return hash
    }

    /// What the first record of a stream names as the one before it.
    package func genesis(store: String, stream: String) -> TrailHash { hash("genesis", [store, stream]) }

    /// What the first chained record of a stream names, if records up to `sequence` were made before there was a chain.
    package func anchor(store: String, stream: String, sequence: UInt64) -> TrailHash {
        sequence == 0
            ? genesis(store: store, stream: stream) : hash("anchor", [store, stream, String(sequence)])
    }

    /// What the first record of a stream names after a restore.
    ///
    /// `store` is what the store is called since, `old` what it was called before; the stream ended there with the record `sequence`, whose
    /// hash was `head`.
    package func restored(
        store: String,
        from old: String,
        stream: String,
        sequence: UInt64,
        head: TrailHash
    ) -> TrailHash {
        hash("restore", [store, old, stream, String(sequence), head.text])
    }

    private func hash(_ kind: String, _ parts: [String]) -> TrailHash {
        var bytes = Array("scim-audit/1 \(kind)".utf8)
        for part in parts {
            bytes.append(0)
            bytes += part.utf8
        }
        return hash(bytes)
    }
}

/// Computes the hashes of records; keeps its buffers from one to the next.
package struct RecordHasher {
    private let digest: TrailDigest
    /// The covered fields of the last record in their order.
    private var places: [Int] = []
    /// Which of the entry's fields are covered.
    private var isCovered: [Bool] = []
    private var buffer: [UInt8] = []

    private static let domain = Array("scim-audit/1 record\0".utf8)

    package init(_ digest: TrailDigest) { self.digest = digest }

    /// The hash of a record: of the sorted set of its fields, since journald keeps neither their order nor a field twice.
    ///
    ///     for each field:  length of the name, 4 bytes ‖ name ‖ length of the value, 4 bytes ‖ value
    package mutating func hash(_ entry: JournalEntry) -> TrailHash {
        sortPlaces(of: entry)
        let bytes = entry.bytes.span
        buffer.removeAll(keepingCapacity: true)
        buffer += Self.domain
        var last: Int?
        for place in places {
            if let last, Self.isSame(entry, last, place) { continue }
            append(bytes.extracting(entry.nameRange(at: place)))
            append(bytes.extracting(entry.valueRange(at: place)))
            last = place
        }
        return digest.hash(buffer)
    }

    /// Puts the covered fields in order.
    ///
    /// Records that follow each other mostly have the same fields, of which the order is then that of the last one's: one comparison
    /// a field tells.
    private mutating func sortPlaces(of entry: JournalEntry) {
        let bytes = entry.bytes.span
        let lastCount = isCovered.count
        var coveredCount = 0
        isCovered.removeAll(keepingCapacity: true)
        for place in 0..<entry.fieldCount {
            let isCovered = Self.isCovered(bytes.extracting(entry.nameRange(at: place)))
            self.isCovered.append(isCovered)
            if isCovered { coveredCount += 1 }
        }
        if lastCount == isCovered.count, places.count == coveredCount, isInOrder(entry) { return }
        places.removeAll(keepingCapacity: true)
        for place in isCovered.indices where isCovered[place] { places.append(place) }
        places.sort { Self.order(entry, $0, $1) < 0 }
    }

    /// Whether the places are those of covered fields, and in order.
    private func isInOrder(_ entry: JournalEntry) -> Bool {
        for index in places.indices {
            guard isCovered[places[index]],
                index == 0 || Self.order(entry, places[index - 1], places[index]) <= 0
            else { return false }
        }
        return true
    }

    private static func order(_ entry: JournalEntry, _ left: Int, _ right: Int) -> Int {
        let bytes = entry.bytes.span
        let names = bytes.extracting(entry.nameRange(at: left))
            .order(bytes.extracting(entry.nameRange(at: right)))
        guard names == 0 else { return names }
        return bytes.extracting(entry.valueRange(at: left)).order(
            bytes.extracting(entry.valueRange(at: right))
        )
    }

    private mutating func append(_ part: Span<UInt8>) {
        buffer.appendBigEndian(UInt32(part.count))
        buffer.append(copying: part)
    }

    private static func isSame(_ entry: JournalEntry, _ left: Int, _ right: Int) -> Bool {
        let bytes = entry.bytes.span
        return bytes.extracting(entry.fieldRange(at: left))
            .isEqual(to: bytes.extracting(entry.fieldRange(at: right)))
    }

    /// Whether a field is part of the record; the journal's own are not, nor what differs between two copies of a record.
    package static func isCovered(_ name: Span<UInt8>) -> Bool {
        // The journal's own fields, which most are, begin otherwise.
        switch name.isEmpty ? 0 : name[0] {
        case UInt8(ascii: "S"):
            switch name.count {
            case 9 where name.isEqual(to: "SCIM_HASH".utf8.span): false
            case 12 where name.isEqual(to: "SCIM_ATTEMPT".utf8.span): false
            default: name.hasPrefix("SCIM_".utf8.span)
            }
        case UInt8(ascii: "M"):
            name.isEqual(to: "MESSAGE".utf8.span) || name.isEqual(to: "MESSAGE_ID".utf8.span)
        case UInt8(ascii: "P"): name.isEqual(to: "PRIORITY".utf8.span)
        default: false
        }
    }
}
