import Audit
import JSON
import TestSupport
import Testing

/// Something that somebody does to a trail, and what a verification has to find.
struct Manipulation: Sendable, CustomTestStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case flip, drop, swap, repeatAsNew, cutHead, cutTail, forge, forgeOn, foreignStore, removeStream
        case rollBack, rollBackWhole, takeHash, breakSignature, removeCheckpoint
    }

    let kind: Kind
    let seed: UInt64

    var testDescription: String { "\(kind.rawValue) \(seed)" }

    /// What is left, what is known beside it, and which finding is expected.
    struct Outcome {
        var records: [Trails.Fields]
        var expectation = TrailVerifier.Expectation()
        let kinds: Set<TrailFinding.Kind>
        let stream: String
        /// Nil: any number of the stream.
        var sequence: UInt64?
        var status = TrailReport.Outcome.tampered
    }

    func apply(to trail: Trail) -> Outcome {
        var random = SeededGenerator(seed: seed)
        var records = trail.records
        let stream = random.pick(["acme", "beta", "gamma"])
        let places = trail.places(of: stream)
        let end = trail.signedEnd(of: stream)
        /// A record that neither begins the stream nor comes after its last signed one.
        let inner = places.filter { records[$0].sequence > 1 && records[$0].sequence < end }
        let place = random.pick(inner)
        let number = records[place].sequence
        switch kind {
        case .flip:
            let names = records[place].indices.filter { index in
                let name = records[place][index].name
                return name.hasPrefix("SCIM_") || name == "MESSAGE" || name == "PRIORITY"
            }.filter { !["SCIM_SEQ", "SCIM_STREAM", "SCIM_STORE"].contains(records[place][$0].name) }
            let index = random.pick(names)
            var value = Array(records[place][index].value.utf8)
            let byte = Int.random(in: value.indices, using: &random)
            value[byte] = value[byte] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            records[place][index].value = String(decoding: value, as: UTF8.self)
            return Outcome(records: records, kinds: [.changed, .unsigned], stream: stream, sequence: number)
        case .drop:
            records.remove(at: place)
            return Outcome(
                records: records,
                kinds: [.missing],
                stream: stream,
                sequence: number,
                status: .gaps
            )
        case .swap:
            let other = random.pick(inner.filter { $0 != place })
            let numbers = (records[place]["SCIM_SEQ"], records[other]["SCIM_SEQ"])
            (records[other]["SCIM_SEQ"], records[place]["SCIM_SEQ"]) = numbers
            records[place].rehash()
            records[other].rehash()
            let first = Swift.min(number, trail.records[other].sequence)
            return Outcome(records: records, kinds: [.moved], stream: stream, sequence: first)
        case .repeatAsNew:
            var copy = records[place]
            copy["SCIM_SEQ"] = "\(number + 1)"
            copy.rehash()
            records.append(copy)
            return Outcome(records: records, kinds: [.replaced], stream: stream, sequence: number + 1)
        case .cutHead:
            records.removeAll { $0["SCIM_STREAM"] == stream && $0.sequence < number }
            return Outcome(records: records, kinds: [.cut], stream: stream)
        case .cutTail:
            records.removeAll { $0["SCIM_STREAM"] == stream && $0.sequence >= number }
            return Outcome(records: records, kinds: [.cut], stream: stream)
        case .forge:
            records[place]["SCIM_ACTOR_ID"] = "somebody-else"
            records[place].rehash()
            return Outcome(records: records, kinds: [.moved, .replaced], stream: stream)
        case .forgeOn:
            // The whole rest of the stream is computed anew, as somebody can who has no key.
            records[place]["SCIM_ACTOR_ID"] = "somebody-else"
            records[place].rehash()
            records.rechain(stream, from: number)
            return Outcome(records: records, kinds: [.replaced], stream: stream)
        case .foreignStore:
            var copy = records[place]
            copy["SCIM_STORE"] = "ffffffffffffffffffffffffffffffff"
            copy.rehash()
            records.insert(copy, at: place)
            var outcome = Outcome(records: records, kinds: [.foreign], stream: stream, sequence: number)
            outcome.expectation.store = trail.store
            return outcome
        case .removeStream:
            records.removeAll { $0["SCIM_STREAM"] == stream }
            return Outcome(records: records, kinds: [.cut], stream: stream)
        case .rollBack:
            // A second life of the store, from some number on.
            var second = records.filter { $0["SCIM_STREAM"] == stream && $0.sequence >= number }
            for index in second.indices { second[index]["SCIM_ACTOR_ID"] = "second-life" }
            second[0].rehash()
            second.rechain(stream, from: number)
            return Outcome(
                records: records + second,
                kinds: [.replaced],
                stream: stream,
                sequence: number
            )
        case .rollBackWhole:
            // The journal is cut back to an earlier time, and its checkpoints with it; the store still knows.
            records.removeSubrange(place...)
            var outcome = Outcome(records: records, kinds: [.cut], stream: stream)
            outcome.expectation.store = trail.store
            outcome.expectation.heads = trail.heads
            return outcome
        case .takeHash:
            records[place].removeAll { $0.name == "SCIM_HASH" || $0.name == "SCIM_PREV" }
            return Outcome(records: records, kinds: [.unsigned], stream: stream, sequence: number)
        case .breakSignature:
            let checkpoint = random.pick(
                records.indices.filter { !records[$0]["SCIM_CHECKPOINT_SIG"].isEmpty }
            )
            let number = records[checkpoint].sequence
            records[checkpoint]["SCIM_CHECKPOINT_SIG"] = Base64.text([UInt8](repeating: 7, count: 64))
            records[checkpoint].rehash()
            records.rechain("_system", from: number)
            return Outcome(records: records, kinds: [.unsigned], stream: "_system", sequence: number)
        case .removeCheckpoint:
            // Taken out of its stream, which is numbered and chained anew.
            let checkpoints = records.indices.filter { !records[$0]["SCIM_CHECKPOINT_SIG"].isEmpty }
            let checkpoint = random.pick(checkpoints.dropLast())
            let number = records[checkpoint].sequence
            let before = records[checkpoint]["SCIM_PREV"]
            records.remove(at: checkpoint)
            for index in records.indices
            where records[index]["SCIM_STREAM"] == "_system" && records[index].sequence > number {
                records[index]["SCIM_SEQ"] = "\(records[index].sequence - 1)"
            }
            let next = records.firstIndex { $0["SCIM_STREAM"] == "_system" && $0.sequence == number }
            if let next {
                records[next]["SCIM_PREV"] = before
                records[next].rehash()
            }
            records.rechain("_system", from: number)
            return Outcome(records: records, kinds: [.replaced, .cut], stream: "_system")
        }
    }

    static let all = Kind.allCases.flatMap { kind in (1...16).map { Manipulation(kind: kind, seed: $0) } }
}
