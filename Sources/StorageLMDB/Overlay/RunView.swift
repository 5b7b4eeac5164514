import Storage

/// The runs as one snapshot sees them: up to a number, the newer run before the older.
///
/// Borrowed: whoever made it holds the list of runs as long as it is used, so that a look-up counts no
/// references.
@safe
struct RunView {
    private let newer: Unmanaged<Run>?
    private let older: Unmanaged<Run>?
    /// The last batch that is seen.
    let number: UInt64

    /// Whether no run has any row.
    var isEmpty: Bool { unsafe newer == nil && older == nil }

    /// Sees nothing.
    init() {
        unsafe newer = nil
        unsafe older = nil
        number = 0
    }

    /// Sees the batches up to a number; the caller holds both runs.
    ///
    /// `writes`: whether rows are being put that this view has to see, also into an open run that is empty still.
    init(open: Unmanaged<Run>, frozen: Unmanaged<Run>?, upTo number: UInt64, writes: Bool = false) {
        let isEmpty = unsafe open._withUnsafeGuaranteedRef(\.isEmpty)
        unsafe newer = unsafe isEmpty && !writes ? nil : open
        unsafe older = unsafe frozen
        self.number = number
    }

    /// The version of a key that is seen; nil if the data file decides.
    func find(_ key: UnsafeBufferPointer<UInt8>) -> RunVersion? {
        if let found = unsafe Self.find(key, in: newer, upTo: number) { return unsafe found }
        return unsafe Self.find(key, in: older, upTo: number)
    }

    private static func find(
        _ key: UnsafeBufferPointer<UInt8>,
        in run: Unmanaged<Run>?,
        upTo number: UInt64
    ) -> RunVersion? {
        guard let run = unsafe run else { return nil }
        return unsafe run._withUnsafeGuaranteedRef { run in
            unsafe run.find(key)?.version(upTo: number)
        }
    }

    /// Begins at a key, or behind it, to be used for keys with a prefix; a run without any is left out.
    func cursor(
        from start: UnsafeBufferPointer<UInt8>,
        within prefix: UnsafeBufferPointer<UInt8>
    ) -> RunCursor {
        func place(_ run: Unmanaged<Run>?) -> RunCursor.Place? {
            guard let run = unsafe run,
                unsafe run._withUnsafeGuaranteedRef({ unsafe $0.mayHold(prefix: prefix) })
            else { return nil }
            return unsafe RunCursor.Place(forward: run, from: start, number)
        }
        return unsafe RunCursor(newer: place(newer), older: place(older), direction: 1)
    }

    /// Begins at the last key before this one, or of all, and goes back.
    func cursorBackward(before end: UnsafeBufferPointer<UInt8>?) -> RunCursor {
        unsafe RunCursor(
            newer: newer.map { unsafe RunCursor.Place(backward: $0, before: end, number) },
            older: older.map { unsafe RunCursor.Place(backward: $0, before: end, number) },
            direction: -1
        )
    }
}

/// Goes through the keys of both runs in one order, each with the version that is seen.
@unsafe
struct RunCursor {
    /// A node of one run with a version that is seen.
    @unsafe
    struct Place {
        private let run: Unmanaged<Run>
        private let number: UInt64
        private let isForward: Bool
        private var node: RunNode?
        fileprivate private(set) var version: RunVersion?

        init(forward run: Unmanaged<Run>, from start: UnsafeBufferPointer<UInt8>, _ number: UInt64) {
            unsafe self.run = unsafe run
            unsafe self.number = number
            unsafe isForward = true
            unsafe node = unsafe run._withUnsafeGuaranteedRef { unsafe $0.seek(start) }
            unsafe skipUnseen()
        }

        init(backward run: Unmanaged<Run>, before end: UnsafeBufferPointer<UInt8>?, _ number: UInt64) {
            unsafe self.run = unsafe run
            unsafe self.number = number
            unsafe isForward = false
            unsafe node = unsafe run._withUnsafeGuaranteedRef { unsafe $0.last(before: end) }
            unsafe skipUnseen()
        }

        fileprivate var key: UnsafeBufferPointer<UInt8>? { unsafe node?.key }

        fileprivate mutating func advance() {
            unsafe step()
            unsafe skipUnseen()
        }

        private mutating func step() {
            guard let from = unsafe node else { return }
            if unsafe isForward {
                unsafe node = unsafe from.next(0)
            } else {
                unsafe node = unsafe run._withUnsafeGuaranteedRef { unsafe $0.last(before: from.key) }
            }
        }

        private mutating func skipUnseen() {
            while let found = unsafe node {
                unsafe version = unsafe found.version(upTo: number)
                if unsafe version != nil { return }
                unsafe step()
            }
            unsafe version = nil
        }
    }

    private var newer: Place?
    private var older: Place?
    private let direction: Int

    fileprivate init(newer: Place?, older: Place?, direction: Int) {
        unsafe self.newer = unsafe newer
        unsafe self.older = unsafe older
        unsafe self.direction = direction
    }

    /// The next key with its version; nil at the end.
    var current: (key: UnsafeBufferPointer<UInt8>, version: RunVersion)? {
        let (first, second) = unsafe (newer?.key, older?.key)
        if let key = unsafe first, let version = unsafe newer?.version {
            guard let other = unsafe second, unsafe Run.order(key, other) * direction > 0 else {
                return unsafe (key, version)
            }
        }
        guard let key = unsafe second, let version = unsafe older?.version else { return nil }
        return unsafe (key, version)
    }

    mutating func advance() {
        let (first, second) = unsafe (newer?.key, older?.key)
        guard let first = unsafe first else {
            unsafe older?.advance()
            return
        }
        guard let second = unsafe second else {
            unsafe newer?.advance()
            return
        }
        let order = unsafe Run.order(first, second) * direction
        // Of equal keys the newer run's counts, and the older run's is left out.
        if order <= 0 { unsafe newer?.advance() }
        if order >= 0 { unsafe older?.advance() }
    }
}
