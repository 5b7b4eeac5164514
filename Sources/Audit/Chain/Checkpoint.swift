package import JSON
internal import Storage

// C2SP tlog-checkpoint and signed-note (https://c2sp.org). The tree is that of the checkpoints, which only grows, so that witnesses can
// cosign it: each leaf holds the root of the tree over the streams' ends.
//
//     pharos-scim/audit/<SCIM_STORE>            origin, and the name of the key
//     <SCIM_CHECKPOINT_SIZE>                    checkpoints so far, this one included
//     <SCIM_CHECKPOINT_TREE, in Base64>
//     <the last leaf, in Base64>                what this checkpoint tells, for who has not all of them
//
//     — pharos-scim/audit/<SCIM_STORE> <Base64 of: key id, 4 bytes ‖ signature, 64 bytes>

/// What a checkpoint tells: where all streams of a store end, signed.
package struct Checkpoint: Sendable, Hashable {
    /// The end of a stream.
    package struct Head: Sendable, Hashable {
        package let stream: String
        package let sequence: UInt64
        package let hash: TrailHash

        /// The numbers that records have: more than a stream ever gets, and few enough to be counted on from.
        static let sequences: ClosedRange<UInt64> = 1...(1 << 53)

        package init(stream: String, sequence: UInt64, hash: TrailHash) {
            self.stream = stream
            self.sequence = sequence
            self.hash = hash
        }

        /// `acme=4711:` and the hash in hexadecimal digits.
        package var text: String { "\(stream)=\(sequence):\(hash.text)" }

        /// Reads what ``text`` gives; nil if it is nothing of that form.
        package init?(text: Span<UInt8>) {
            // A stream's name has neither of the two signs.
            var equals: Int?
            var colon: Int?
            for index in text.indices {
                if text[index] == UInt8(ascii: "="), equals == nil { equals = index }
                if text[index] == UInt8(ascii: ":") { colon = index }
            }
            guard let equals, let colon, colon > equals,
                let hash = TrailHash(hex: text.extracting(droppingFirst: colon + 1)),
                let sequence = UInt64(decimal: text.extracting(equals + 1..<colon)),
                Self.sequences.contains(sequence)
            else { return nil }
            let stream = [UInt8](copying: text.extracting(0..<equals))
            self.init(stream: String(decoding: stream, as: UTF8.self), sequence: sequence, hash: hash)
        }
    }

    /// As `SCIM_STORE` has it.
    package let store: String
    /// The checkpoint covers all records up to this time of commit, and no later one.
    package let time: Timestamp
    package let streamCount: Int
    package let recordCount: UInt64
    /// The root of the tree over the ends of all streams: ``HeadTree``.
    package let root: TrailHash
    /// The streams that have got records since the last checkpoint, the first ``AuditRecord/valuesMax`` of them.
    package let heads: [Head]
    /// How many more have.
    package let headsMore: Int
    /// Checkpoints so far, this one included.
    package let size: UInt64
    /// The root of the tree over all checkpoints so far.
    package let tree: TrailHash
    /// The Ed25519 key: 32 bytes.
    package let publicKey: [UInt8]
    /// Of the note: 64 bytes (RFC 8032).
    package let signature: [UInt8]

    /// The name of the log and of the key that signs it.
    package static func origin(store: String) -> String { "pharos-scim/audit/\(store)" }

    /// What is signed: the note, with the line break at its end.
    package static func note(store: String, size: UInt64, tree: TrailHash, leaf: TrailHash) -> [UInt8] {
        Array(
            "\(origin(store: store))\n\(size)\n\(Base64.text(tree.bytes))\n\(Base64.text(leaf.bytes))\n".utf8
        )
    }

    /// The leaf of this checkpoint.
    package func leaf(_ digest: TrailDigest) -> TrailHash {
        Self.leaf(time: time, streamCount: streamCount, recordCount: recordCount, root: root, digest)
    }

    /// What the signature is of.
    package func note(_ digest: TrailDigest) -> [UInt8] {
        Self.note(store: store, size: size, tree: tree, leaf: leaf(digest))
    }

    /// The leaf of the tree over the checkpoints: what the signature vouches for by that tree.
    package static func leaf(
        time: Timestamp,
        streamCount: Int,
        recordCount: UInt64,
        root: TrailHash,
        _ digest: TrailDigest
    ) -> TrailHash {
        let text =
            "scim-audit/1 checkpoint\n\(time.microsecondText)\n\(streamCount)\n\(recordCount)\n\(root.text)\n"
        return digest.leaf(Array(text.utf8))
    }

    /// The first four bytes of SHA-256 of the key's name, a line break, 1 for Ed25519, and the key (C2SP signed-note).
    package static func keyID(store: String, publicKey: [UInt8], _ digest: TrailDigest) -> [UInt8] {
        Array(digest.hash(Array("\(origin(store: store))\n".utf8) + [1] + publicKey).bytes.prefix(4))
    }

    /// The public key as witnesses and monitors take it: name, key id and key (C2SP signed-note).
    package static func verifierKey(store: String, publicKey: [UInt8], _ digest: TrailDigest) -> String {
        let id = AuditCharacters.hexadecimal(keyID(store: store, publicKey: publicKey, digest))
        return "\(origin(store: store))+\(id)+\(Base64.text([1] + publicKey))"
    }

    /// The whole signed note.
    package func signedNote(_ digest: TrailDigest) -> String {
        let id = Self.keyID(store: store, publicKey: publicKey, digest)
        let note = String(decoding: note(digest), as: UTF8.self)
        return "\(note)\n— \(Self.origin(store: store)) \(Base64.text(id + signature))\n"
    }
}

/// Who signs checkpoints.
package struct CheckpointSigner: Sendable {
    /// The Ed25519 key: 32 bytes.
    package let publicKey: [UInt8]
    /// The signature of some bytes: 64 bytes (RFC 8032).
    package let sign: @Sendable ([UInt8]) -> [UInt8]

    package init(publicKey: [UInt8], sign: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        self.publicKey = publicKey
        self.sign = sign
    }
}

/// Base64 with padding (RFC 4648 §4), as notes and PEM have it.
package enum Base64 {
    package static func text(_ bytes: [UInt8]) -> String {
        let text = Base64URL.text(bytes)
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return text.replacing("-", with: "+").replacing("_", with: "/") + padding
    }

    /// Nil if a text is not what ``text(_:)`` makes of some bytes.
    package static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count % 4 == 0, !text.utf8.contains(UInt8(ascii: "-")),
            !text.utf8.contains(UInt8(ascii: "_"))
        else { return nil }
        var letters = text.replacing("+", with: "-").replacing("/", with: "_")
        for _ in 0..<2 where letters.utf8.last == UInt8(ascii: "=") { letters.removeLast() }
        return Base64URL.bytes(letters)
    }
}

extension UInt64 {
    /// Reads decimal digits, at most 20; nil for anything else.
    package init?(decimal digits: Span<UInt8>) {
        guard (1...20).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for index in digits.indices {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digits[index]) else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeNow) = product.addingReportingOverflow(
                UInt64(digits[index] - UInt8(ascii: "0"))
            )
            guard !isTooLarge, !isTooLargeNow else { return nil }
            number = sum
        }
        self = number
    }
}
