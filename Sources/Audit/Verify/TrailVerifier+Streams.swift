internal import JSON
internal import Storage

extension TrailVerifier {
    /// Looks at everything that was taken.
    package consuming func finish() -> TrailReport {
        resolveRestores()
        findWholeStores()
        let stores = trails.keys.sorted()
        let wanted = wantedStores
        for store in stores where wanted?.contains(store) == false {
            leaveOut(store)
        }
        tellOfSenders(wanted)
        for store in stores where wanted?.contains(store) ?? true {
            var starts: [String: StreamCheck.Start] = [:]
            for stream in (trails[store]?.streams ?? [:]).keys.sorted() {
                starts[stream] = check(stream, of: store)
            }
            if expectation.stream == nil {
                checkCheckpoints(of: store, starts)
            } else {
                let note = "Checkpoints are about all streams, so that no signature was looked at."
                if !report.notes.contains(note) { report.notes.append(note) }
                tellOfOpen(of: store, vouchedUntil: Timestamp(microseconds: .max))
                for (stream, start) in starts where start == .unknown {
                    checkStart(stream, store, isVouched: false)
                }
            }
        }
        if let store = expectation.store {
            for head in expectation.heads where expectation.stream ?? head.stream == head.stream {
                // The server's own stream never rests, and what came since the last verification is there.
                let isReminder =
                    expectation.stream == nil && head.stream != AuditRecord.systemStream
                    && starts[head.stream] == nil && trails[store]?.mayRest(head) ?? true
                checkEnd(head, of: store, named: "the store", isReminder: isReminder)
            }
        }
        checkFormerEnds()
        return report
    }

    /// The store that is asked for, what it was called before, and what else was begun with a copy of it; nil without one.
    ///
    /// A copy that went on elsewhere has another key, and is another store.
    private var wantedStores: Set<String>? {
        guard var store = expectation.store else { return nil }
        var wanted = Set(expectation.formerTrails.map(\.store)).union([store])
        for _ in 0..<Incarnation.idsMax {
            guard let old = oldStores[store] else { break }
            wanted.insert(old)
            store = old
        }
        guard expectation.allowsOthers else { return wanted }
        var count: Int
        repeat {
            count = wanted.count
            for (new, old) in oldStores where wanted.contains(old) && firstSigned(of: new) != nil {
                wanted.insert(new)
            }
        } while wanted.count > count
        return wanted
    }

    /// Holds the trails before restores to where they ended, as far as a journal has not deleted them: from the oldest one on.
    private mutating func checkFormerEnds() {
        let oldest = expectation.formerTrails.lastIndex { isThere($0.store) }
        for (index, former) in expectation.formerTrails.enumerated() where index <= oldest ?? -1 {
            let isGone = !isThere(former.store)
            for head in former.heads where expectation.stream ?? head.stream == head.stream {
                // Of one that is there, streams may have been deleted that were quiet at its end.
                checkEnd(head, of: former.store, named: "the store", isReminder: !isGone)
            }
        }
    }

    private func isThere(_ store: String) -> Bool { !(trails[store]?.streams.isEmpty ?? true) }

    private mutating func leaveOut(_ store: String) {
        let streams = trails[store]?.streams ?? [:]
        guard !expectation.allowsOthers else {
            let count = streams.values.reduce(0) { $0 + $1.items.count + $1.openCount }
            guard count > 0 else { return }
            report.recordCount -= count
            let records =
                count == 1
                ? "1 record of the store \(store) was" : "\(count) records of the store \(store) were"
            report.notes.append("\(records) left out: it is another one, or has signed nothing.")
            return
        }
        guard let (stream, first) = streams.min(by: { $0.key < $1.key }) else { return }
        add(
            .foreign,
            store,
            stream,
            first.items.first?.sequence ?? first.openMax,
            entry: first.items.first?.entry ?? first.openEntry,
            "it is a record of the store \(store)"
        )
    }

    /// Looks at one stream; gives how it begins.
    private mutating func check(_ stream: String, of store: String) -> StreamCheck.Start {
        guard let found = trails[store]?.streams[stream] else { return .known }
        guard !found.items.isEmpty else {
            tellOfOpen(found, stream, store, chainedFrom: nil)
            return .known
        }
        var check = StreamCheck(store: store, stream: stream, items: found.items)
        check.run()
        for finding in check.findings { report.add(finding) }
        report.duplicateCount += check.duplicateCount
        trails[store]?.streams[stream]?.items = check.items
        guard let first = check.items.first, let last = check.items.last else { return .known }
        tellOfOpen(found, stream, store, chainedFrom: first)
        report.streams.append(
            TrailReport.Stream(
                store: store,
                stream: stream,
                first: first.sequence,
                last: last.sequence,
                count: check.items.count,
                head: last.hash
            )
        )
        return start(of: first, stream, store)
    }

    /// Records without a hash are of a time without a chain, if the first one with a hash says so.
    private mutating func tellOfOpen(
        _ found: Stream,
        _ stream: String,
        _ store: String,
        chainedFrom first: Item?
    ) {
        guard found.openCount > 0 else { return }
        if let first, found.openMax < first.sequence,
            first.previous == digest.anchor(store: store, stream: stream, sequence: first.sequence - 1)
        {
            openStreams.append(
                OpenStream(
                    store: store,
                    stream: stream,
                    count: found.openCount,
                    last: (found.openMax, found.openEntry),
                    chainedAt: first.time
                )
            )
            return
        }
        add(.unsigned, store, stream, found.openMax, entry: found.openEntry, "it has no hash")
    }

    /// Excuses the records of a time without a chain, where a checkpoint covers the record with which the chain begins.
    mutating func tellOfOpen(of store: String, vouchedUntil time: Timestamp?) {
        for open in openStreams where open.store == store {
            guard let time, open.chainedAt <= time else {
                let text = "it has no hash, and no checkpoint covers the record with which the chain begins"
                add(.unsigned, store, open.stream, open.last.sequence, entry: open.last.entry, text)
                continue
            }
            let records = open.count == 1 ? "1 record is" : "\(open.count) records are"
            report.notes.append("Stream \(open.stream): \(records) of a time without a chain.")
        }
    }

    private mutating func start(of first: Item, _ stream: String, _ store: String) -> StreamCheck.Start {
        let before = first.sequence - 1
        if store == expectation.store, let known = starts[stream] {
            if before == known.sequence, first.previous == known.hash { return .known }
            if before > known.sequence {
                let others = before == known.sequence + 1 ? "" : ", nor those up to \(before)"
                let text = "it is not there\(others): the journal may have deleted them meanwhile"
                add(.missing, store, stream, known.sequence + 1, text)
                return .unknown
            }
            let text =
                "it does not follow from record \(known.sequence), with which the last verification ended"
            add(.moved, store, stream, first.sequence, entry: first.entry, text)
            return .known
        }
        if first.previous == digest.anchor(store: store, stream: stream, sequence: before) { return .known }
        if let origin = origin(of: stream, store, before: before, hash: first.previous) {
            return start(origin, stream, before)
        }
        guard before == 0 else { return .unknown }
        add(
            .moved,
            store,
            stream,
            1,
            entry: first.entry,
            "it does not follow from the store and the stream"
        )
        return .known
    }

    mutating func add(
        _ kind: TrailFinding.Kind,
        _ store: String,
        _ stream: String,
        _ sequence: UInt64,
        entry: UInt64? = nil,
        _ text: String
    ) {
        report.add(TrailFinding(kind, store: store, stream: stream, sequence, entry: entry, text))
    }

    /// A stream that begins in the middle: the journal deletes its oldest records, but somebody else may have done so too.
    mutating func checkStart(_ stream: String, _ store: String, isVouched: Bool) {
        guard let first = trails[store]?.streams[stream]?.items.first else { return }
        guard expectation.isWhole || !isVouched else {
            report.notes.append("Stream \(stream) begins with record \(first.sequence).")
            return
        }
        let text = "the stream begins with it, and no checkpoint vouches for what came before"
        add(.cut, store, stream, first.sequence, entry: first.entry, text)
    }

    /// Whether a stream has the record with which somebody says that it ended once.
    ///
    /// - Parameters:
    ///   - head: the end.
    ///   - store: whose.
    ///   - who: who says it.
    ///   - signedAt: up to when what was signed covers records: none behind the end is earlier, or of that time.
    ///   - isReminder: whether it may be long ago that the stream ended so, and a journal may have deleted all of it.
    ///   - isFirst: whether it is the first checkpoint that is there, before which a journal may have deleted records that came after the end.
    /// - Returns: whether it has, as far as can be told; what is wrong is told.
    @discardableResult
    mutating func checkEnd(
        _ head: Checkpoint.Head,
        of store: String,
        named who: String,
        signedAt: Timestamp? = nil,
        isReminder: Bool,
        isFirst: Bool = false
    ) -> Bool {
        if store == expectation.store, let start = starts[head.stream],
            head.sequence < start.sequence || head == start
        {
            return true
        }
        func add(_ kind: TrailFinding.Kind, _ text: String, entry: UInt64? = nil) {
            self.add(kind, store, head.stream, head.sequence, entry: entry, text)
        }
        let isCut = !expectation.isWhole && !wholeStores.contains(store)
        let mayBeDeleted = isReminder && isCut
        guard let items = trails[store]?.streams[head.stream]?.items, let first = items.first,
            let last = items.last
        else {
            if let origin = origin(of: head.stream, store, before: head.sequence, hash: head.hash) {
                let start = start(origin, head.stream, head.sequence)
                guard start == .unknown, !mayBeDeleted else { return start != .known }
            } else if mayBeDeleted {
                return true
            }
            add(.cut, "\(who) names it, and nothing of the stream is there")
            return false
        }
        let place = items.partition(first: head.sequence)
        let next = items.partition(first: head.sequence + 1)
        if let signedAt, next < items.count, items[next].time <= signedAt {
            let text =
                "\(who) was signed after its time, and names record \(head.sequence) as the stream's end"
            self.add(.replaced, store, head.stream, items[next].sequence, entry: items[next].entry, text)
            return false
        }
        if place < items.count, items[place].sequence == head.sequence {
            guard items[place].hash != head.hash else { return true }
            add(.replaced, "it is not the record that \(who) names", entry: items[place].entry)
            return false
        }
        if head.sequence > last.sequence {
            add(.cut, "\(who) names it, and the stream ends with record \(last.sequence)")
            return false
        }
        if head.sequence < first.sequence {
            if isFirst && isCut || head.sequence == first.sequence - 1 && head.hash == first.previous {
                return true
            }
            add(.cut, "\(who) names it, and the stream begins with record \(first.sequence)")
            return false
        }
        // In between it is missing, which has been found; the next record still tells its hash.
        guard place < items.count, items[place].sequence == head.sequence + 1 else { return true }
        guard items[place].previous != head.hash else { return true }
        add(.replaced, "the record after it does not follow from what \(who) names")
        return false
    }
}

extension [TrailVerifier.Item] {
    /// The index of the first record whose number is not below one; the records are in order.
    func partition(first sequence: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
