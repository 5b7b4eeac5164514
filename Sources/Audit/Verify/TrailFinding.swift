package import JSON

/// Something that an intact trail does not have.
package struct TrailFinding: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The content does not fit its hash.
        case changed
        /// Two different records have one number, or a record is not the one that was signed.
        case replaced
        /// The record does not follow the one before it.
        case moved
        /// The number is missing between others.
        case missing
        /// The stream lacks its beginning or its end, or is not there at all.
        case cut
        /// It is the record of another store, or of another user.
        case foreign
        /// No signature vouches for it, or one that does not fit.
        case unsigned
    }

    package let kind: Kind
    package let store: String
    package let stream: String
    /// The record's number in its stream; nil if the finding is about the stream.
    package let sequence: UInt64?
    /// Which entry of the input it was, counted from 1; nil if it is not there.
    package let entry: UInt64?
    /// A clause about the record.
    package let text: String

    package init(
        _ kind: Kind,
        store: String,
        stream: String,
        _ sequence: UInt64? = nil,
        entry: UInt64? = nil,
        _ text: String
    ) {
        self.kind = kind
        self.store = store
        self.stream = stream
        self.sequence = sequence
        self.entry = entry
        self.text = text
    }
}

extension TrailFinding: CustomStringConvertible {
    /// A sentence for the operator.
    package var description: String {
        let number = sequence.map { ", record \($0)" } ?? ""
        let place = entry.map { " (entry \($0) of the input)" } ?? ""
        return "\(kind.rawValue): stream \(stream)\(number)\(place): \(text)"
    }
}

/// What a verification found.
package struct TrailReport: Sendable {
    /// A stream as far as it was there.
    package struct Stream: Sendable, Equatable {
        package let store: String
        package let stream: String
        package let first: UInt64
        package let last: UInt64
        package let count: Int
        package let head: TrailHash
    }

    /// How it ended; the raw values are exit statuses of `audit verify`.
    package enum Outcome: Int32, Sendable {
        case intact = 0
        case tampered = 1
        /// Nothing was tampered with as far as can be seen, but numbers are missing, or may be.
        case gaps = 2
        /// There was no record to verify.
        case nothing = 3
    }

    /// The first ones; ``findingCount`` tells how many there are.
    package internal(set) var findings: [TrailFinding] = []
    package internal(set) var findingCount = 0
    package internal(set) var streams: [Stream] = []
    /// What is worth knowing, and no fault.
    package internal(set) var notes: [String] = []
    package internal(set) var recordCount = 0
    /// Records that were there more than once, which is normal.
    package internal(set) var duplicateCount = 0
    package internal(set) var checkpointCount = 0
    /// The public keys of the checkpoints, by their stores.
    package internal(set) var publicKeys: [String: [UInt8]] = [:]
    /// What the last good checkpoint of the expected store vouches for; nil if there is none.
    package internal(set) var vouched: Vouched?
    /// Whether part of the input could not be read, and nothing tells whether it had records.
    package var isIncomplete = false
    private var hasTampering = false

    /// Up to when a trail was verified, and where its streams ended then.
    package struct Vouched: Sendable, Equatable {
        package let time: Timestamp
        package let heads: [Checkpoint.Head]
    }

    package static let findingsMax = 1_000

    package var outcome: Outcome {
        if hasTampering { return .tampered }
        if findingCount > 0 || isIncomplete { return .gaps }
        return streams.isEmpty ? .nothing : .intact
    }

    mutating func add(_ finding: TrailFinding) {
        findingCount += 1
        if finding.kind != .missing { hasTampering = true }
        if findings.count < Self.findingsMax { findings.append(finding) }
    }
}
