internal import JSON
internal import Storage

extension TrailVerifier {
    /// Looks at the checkpoints of a store, in their order, and at what they say of the streams.
    mutating func checkCheckpoints(of store: String, _ starts: [String: StreamCheck.Start]) {
        var seen: Set<UInt64> = []
        let checkpoints = (trails[store]?.checkpoints ?? [])
            .sorted { ($0.sequence, $0.entry) < ($1.sequence, $1.entry) }
            .filter { seen.insert($0.sequence).inserted }
        report.checkpointCount += checkpoints.count
        var sweep = CheckpointSweep(trails[store]?.streams ?? [:], starts, digest)
        let isSinceLast = expectation.store == store && !expectation.starts.isEmpty
        // Where the server's own stream begins as it has to, nothing of the store has been deleted yet, but for what came before it.
        let isWhole =
            starts[AuditRecord.systemStream] == .known && (isSinceLast || !lostBeginnings.contains(store))
        if isSinceLast {
            sweep.begin(after: expectation.starts)
        } else if !isWhole {
            // Of a stream that has been quiet since, there may be nothing; whoever names it has to fit the tree.
            sweep.begin()
            let former = expectation.formerTrails.first { $0.store == store }?.heads ?? []
            sweep.begin(absent: expectation.store == store ? expectation.heads : former)
            sweep.begin(absent: checkpoints.lazy.flatMap(\.checkpoint.heads))
        }
        var keys = expectation.publicKeys
        var frontier: TreeFrontier? = TreeFrontier()
        var isVouched = false
        var vouchedTime: Timestamp?
        var last: UInt64 = 0
        var senders: Set<UInt16> = []
        var judgedCount = 0
        var lastSigned: Signed?
        for signed in checkpoints {
            if isOfOldStore(signed, keys, store) {
                if last != 0 {
                    add(.replaced, signed, store, "it is a checkpoint of the trail that was put back")
                }
                continue
            }
            let checkpoint = signed.checkpoint
            if keys.isEmpty { keys = [checkpoint.publicKey] }
            report.publicKeys[store] = checkpoint.publicKey
            judgedCount += 1
            guard checkSignature(signed, keys, store) else { continue }
            if let sender = signed.sender { senders.insert(sender) }
            checkGrowth(signed, &frontier, store)
            // The first one that is there, and the first one of a process, name streams of which there has been nothing for long.
            let isFirst = last == 0
            let isReminder =
                isFirst
                || trails[store]?.serviceStarts.contains { last < $0 && $0 < signed.sequence } ?? false
            last = signed.sequence
            lastSigned = signed
            if !isReminder { trails[store]?.named.formUnion(checkpoint.heads.map(\.stream)) }
            var isFitting = true
            for head in checkpoint.heads {
                let isThere = checkEnd(
                    head,
                    of: store,
                    named: "checkpoint \(signed.sequence)",
                    signedAt: checkpoint.time,
                    isReminder: isReminder && trails[store]?.mayRest(head) ?? true,
                    isFirst: isFirst
                )
                trails[store]?.reminded[head.stream] = head.sequence
                if !isThere { isFitting = false }
            }
            let isMatching = sweep.advance(to: checkpoint)
            guard isFitting, !isMatching else {
                isVouched = isVouched || isFitting && isMatching
                if isFitting, isMatching { vouchedTime = checkpoint.time }
                continue
            }
            addMismatch(signed, sweep, store)
        }
        if let vouchedTime, store == expectation.store {
            report.vouched = TrailReport.Vouched(time: vouchedTime, heads: sweep.vouchedHeads)
        }
        if judgedCount == 0 { requireCheckpoint(of: store) }
        checkSenders(of: store, senders)
        for (stream, start) in starts.sorted(by: { $0.key < $1.key }) where start == .unknown {
            checkStart(stream, store, isVouched: isVouched && !isWhole)
        }
        tellOfOpen(of: store, vouchedUntil: vouchedTime)
        if let lastSigned { tellOfRest(lastSigned, store) }
        if !checkpoints.isEmpty { requireBeginning(of: store, starts) }
    }

    /// Where the journal has deleted the server's own records, it has deleted what came before them.
    ///
    /// Of others' records those are left that came while the server began again, and not those of more time than passes between two
    /// checkpoints. Only an operator makes changes while no server runs, as by an import.
    private mutating func requireBeginning(of store: String, _ starts: [String: StreamCheck.Start]) {
        let system = AuditRecord.systemStream
        guard starts[system] == .unknown, expectation.starts.isEmpty,
            let begin = trails[store]?.streams[system]?.items.first
        else { return }
        var (earliest, latest) = (begin.time, Timestamp(microseconds: .min))
        var stream: (name: String, item: Item)?
        for (name, found) in trails[store]?.streams ?? [:] where name != system {
            for item in found.items where item.time < begin.time && !item.isAdmins {
                latest = max(latest, item.time)
                if item.time < earliest { (earliest, stream) = (item.time, (name, item)) }
            }
        }
        guard let stream, latest.microseconds - earliest.microseconds > Self.unsignedMicrosecondsMax else {
            return
        }
        let text =
            "no checkpoint is there of its time, from \(earliest.text) to \(latest.text): the server's own records begin with \(begin.sequence), which is later"
        add(.unsigned, store, stream.name, stream.item.sequence, entry: stream.item.entry, text)
    }

    private mutating func add(_ kind: TrailFinding.Kind, _ signed: Signed, _ store: String, _ text: String) {
        report.add(
            TrailFinding(
                kind,
                store: store,
                stream: AuditRecord.systemStream,
                signed.sequence,
                entry: signed.entry,
                text
            )
        )
    }

    private mutating func checkSignature(_ signed: Signed, _ keys: [[UInt8]], _ store: String) -> Bool {
        let checkpoint = signed.checkpoint
        guard keys.contains(checkpoint.publicKey) else {
            let text =
                expectation.publicKeys.isEmpty
                ? "the checkpoint is signed with another key than those before: name both keys if you have changed it"
                : "the checkpoint is signed with a key that is not yours"
            add(.unsigned, signed, store, text)
            return false
        }
        guard checkpoint.store == store,
            verifies(checkpoint.signature, checkpoint.note(digest), checkpoint.publicKey)
        else {
            add(.unsigned, signed, store, "the checkpoint's signature does not fit")
            return false
        }
        return true
    }

    /// Whether a checkpoint was signed for the trail before this one: in a copy that was put back it had not been delivered yet, and vouches
    /// for nothing here.
    private func isOfOldStore(_ signed: Signed, _ keys: [[UInt8]], _ store: String) -> Bool {
        let checkpoint = signed.checkpoint
        guard let old = oldStores[store], keys.isEmpty || keys.contains(checkpoint.publicKey) else {
            return false
        }
        let note = Checkpoint.note(
            store: old,
            size: checkpoint.size,
            tree: checkpoint.tree,
            leaf: checkpoint.leaf(digest)
        )
        return verifies(checkpoint.signature, note, checkpoint.publicKey)
    }

    /// Whether the tree over the checkpoints grows by this one; that can be told as long as none of them is missing.
    private mutating func checkGrowth(_ signed: Signed, _ frontier: inout TreeFrontier?, _ store: String) {
        guard var grown = frontier, grown.size + 1 == signed.checkpoint.size else {
            frontier = nil
            return
        }
        grown.append(signed.checkpoint.leaf(digest), digest)
        frontier = grown
        if grown.root(digest) != signed.checkpoint.tree {
            add(.replaced, signed, store, "the tree over the checkpoints is another one than theirs")
            frontier = nil
        }
    }

    private mutating func addMismatch(_ signed: Signed, _ sweep: CheckpointSweep, _ store: String) {
        let missing = signed.checkpoint.streamCount - sweep.streamCount
        if missing > 0 {
            add(
                .cut,
                signed,
                store,
                "the checkpoint covers \(signed.checkpoint.streamCount) streams, of which \(missing) are not there"
            )
        } else {
            let doubt = sweep.hasGaps ? ", or what is missing was their end" : ""
            add(
                .replaced,
                signed,
                store,
                "the streams ended otherwise when the checkpoint was signed\(doubt)"
            )
        }
    }

    /// Without a checkpoint, nothing is signed.
    private mutating func requireCheckpoint(of store: String) {
        let streams = (trails[store]?.streams ?? [:]).filter { !$0.value.items.isEmpty }
        guard expectation.starts.isEmpty, let (stream, found) = streams.min(by: { $0.key < $1.key }),
            let first = found.items.first
        else { return }
        let text = "there is no checkpoint of the store \(store)"
        add(.unsigned, store, stream, first.sequence, entry: first.entry, text)
    }

    /// Who has sent checkpoints has the store's key; the first record is told of each other user who has sent some.
    private mutating func checkSenders(of store: String, _ senders: Set<UInt16>) {
        guard !senders.isEmpty else { return }
        var told: Set<UInt16> = []
        for (stream, found) in (trails[store]?.streams ?? [:]).sorted(by: { $0.key < $1.key }) {
            for item in found.items {
                guard let sender = item.sender, !senders.contains(sender), told.insert(sender).inserted else {
                    continue
                }
                let text = "user \(users[Int(sender)]) has sent it, and no checkpoint"
                add(.foreign, store, stream, item.sequence, entry: item.entry, text)
            }
        }
    }

    /// How many records came after the last good checkpoint: nobody has signed them yet.
    private mutating func tellOfRest(_ signed: Signed, _ store: String) {
        let last = signed.checkpoint.time
        var (count, earliest, latest) = (0, Timestamp(microseconds: .max), last)
        var first: (stream: String, item: Item)?
        for (stream, found) in (trails[store]?.streams ?? [:]).sorted(by: { $0.key < $1.key }) {
            for item in found.items where item.time > last {
                if stream == AuditRecord.systemStream, item.sequence == signed.sequence { continue }
                count += 1
                latest = max(latest, item.time)
                guard item.time < earliest else { continue }
                (earliest, first) = (item.time, (stream, item))
            }
        }
        guard let first else { return }
        let text = "\(count) records came after the last checkpoint, from \(earliest.text) to \(latest.text)"
        guard latest.microseconds - earliest.microseconds > Self.unsignedMicrosecondsMax else {
            report.notes.append("\(text).")
            return
        }
        let fault = "it and what follows is not signed, and one is made each minute: \(text)"
        add(.unsigned, store, first.stream, first.item.sequence, entry: first.item.entry, fault)
    }

    /// For so long records come without a checkpoint: one is made each minute, also where records come late.
    private static let unsignedMicrosecondsMax: Int64 = 300_000_000
}
