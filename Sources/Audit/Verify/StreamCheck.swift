/// Numbers and links of one stream.
struct StreamCheck {
    /// How a stream begins.
    enum Start: Equatable {
        /// With what its first record has to name.
        case known
        /// With a record that goes on from the trail before a restore.
        case restored
        /// With a record before which others must have been.
        case unknown
    }

    let store: String
    let stream: String
    /// In the order of their numbers, each once, when the check has run.
    private(set) var items: [TrailVerifier.Item]
    private(set) var findings: [TrailFinding] = []
    private(set) var duplicateCount = 0

    init(store: String, stream: String, items: [TrailVerifier.Item]) {
        self.store = store
        self.stream = stream
        self.items = items
    }

    mutating func run() {
        order()
        checkNumbers()
    }

    /// Puts the records in order, and leaves one of each number.
    ///
    /// Of different ones that stays which follows the record before it.
    private mutating func order() {
        let isOrdered = zip(items, items.dropFirst()).allSatisfy { $0.sequence < $1.sequence }
        guard !isOrdered else { return }
        items.sort { ($0.sequence, $0.entry) < ($1.sequence, $1.entry) }
        var kept: [TrailVerifier.Item] = []
        kept.reserveCapacity(items.count)
        for item in items {
            guard let last = kept.last, last.sequence == item.sequence else {
                kept.append(item)
                continue
            }
            if last.hash == item.hash {
                duplicateCount += 1
                continue
            }
            let before = kept.count > 1 ? kept[kept.count - 2] : nil
            if let before, before.sequence + 1 == item.sequence, before.hash == item.previous,
                before.hash != last.previous
            {
                kept[kept.count - 1] = item
            }
            // The later one is the one that came to it.
            add(
                .replaced,
                item,
                "entry \(last.entry) is another record of this number: one is forged, or the store was rolled back"
            )
        }
        items = kept
    }

    private mutating func checkNumbers() {
        for (last, item) in zip(items, items.dropFirst()) {
            if item.sequence == last.sequence + 1 {
                if item.previous != last.hash {
                    add(.moved, item, "it does not follow from record \(last.sequence)")
                } else if item.time < last.time {
                    add(.moved, item, "its time is before that of record \(last.sequence)")
                }
            } else {
                let (first, end) = (last.sequence + 1, item.sequence - 1)
                findings.append(
                    TrailFinding(
                        .missing,
                        store: store,
                        stream: stream,
                        first,
                        first == end ? "it is not there" : "it is not there, nor those up to \(end)"
                    )
                )
            }
        }
    }

    private mutating func add(_ kind: TrailFinding.Kind, _ item: TrailVerifier.Item, _ text: String) {
        findings.append(
            TrailFinding(kind, store: store, stream: stream, item.sequence, entry: item.entry, text)
        )
    }
}
