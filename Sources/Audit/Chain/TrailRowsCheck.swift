package import Storage

/// Verifies what a store keeps of its audit trail beside the records: how far it is delivered, and where the chains end.
package enum TrailRowsCheck {
    /// What is wrong, as sentences; reads all rows of the trail but the records.
    package static func findings(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable
    ) throws(StoreError) -> [String] {
        var findings: [String] = []
        do throws(StoreError) { _ = try Incarnation(snapshot) } catch .corrupt(let clause) {
            findings.append("audit trail: \(clause)")
        }
        let state = try snapshot.state()
        let pointer = try snapshot.read(AuditOutbox.pointerKey) { value, _ in
            value.count == 8 ? value.bigEndian64(at: 0) : nil
        }
        var delivered: UInt64 = 0
        if let pointer, let pointer, pointer >= state.trimmedThrough, pointer <= state.order {
            delivered = pointer
        } else if pointer != nil {
            findings.append("audit trail: what is noted as delivered is no record that there is or was")
        }
        let isWhole = try snapshot.read(CheckpointState.key) { value, _ in
            CheckpointState(value: value) != nil
        }
        if isWhole == false { findings.append("audit trail: the row of its checkpoints is malformed") }
        return try findings + chainFindings(snapshot, delivered: delivered)
    }

    /// The end of a chain lies at or before the end of its stream, and there if all of the stream is delivered.
    private static func chainFindings(
        _ snapshot: borrowing any StoreSnapshot & ~Copyable,
        delivered: UInt64
    ) throws(StoreError) -> [String] {
        var ends: [(stream: String, chain: ChainHead?)] = []
        try snapshot.scan(prefix: ChainHead.keys, from: nil) { key, value, _ in
            let stream = [UInt8](copying: key.extracting(droppingFirst: ChainHead.keys.bytes.count))
            ends.append((String(decoding: stream, as: UTF8.self), ChainHead(value: value)))
            return .more
        }
        var findings: [String] = []
        for (stream, chain) in ends {
            guard let chain else {
                findings.append("audit trail: the end of the chain of \(stream) is malformed")
                continue
            }
            let head = try snapshot.read(LogKeys.head(stream: stream)) { value, _ in StreamHead(value: value)
            }
            // A malformed head is found by the check of the store.
            if case .some(.none) = head { continue }
            let last = head.flatMap { $0 }
            let isRight =
                chain.sequence == last?.sequence
                || chain.sequence < last?.sequence ?? 0 && last?.order ?? 0 > delivered
            if !isRight {
                findings.append(
                    "audit trail: the chain of \(stream) does not end at a record that fits its stream"
                )
            }
        }
        return findings
    }
}
