import Storage

/// Makes the next segment ahead of its use, and gives back what old ones take; a thread of its own does both.
///
/// ```
///  retired …│ retained │ needed for a restart … current │ spare
///  removed or used again          neededFrom
/// ```
///
/// A segment is prepared under another name and made durable before it gets its own: whatever has a
/// segment's name is whole.
final class SegmentShelf: Sendable {
    /// A segment whose changes are all in the data file.
    private struct Retired {
        let number: UInt64
        let byteCount: Int
        let lastWrite: Int64
    }

    private struct State {
        var spare: LogSegment?
        /// The segment that is to be made; nil if it is there.
        var wanted: UInt64?
        /// Why the last attempt to make it failed.
        var failure: StoreError?
        var retired: [Retired] = []
        /// Segments before this one are not needed for a restart.
        var neededFrom: UInt64
        var hasNewRetired = false
        /// From which segments on somebody reads, by a number for each reader.
        var readers: [UInt64: UInt64] = [:]
        var lastReader: UInt64 = 0
        /// The disk is full: nothing is kept that a restart does not need.
        var yields = false
        var hasThread = false
        var isStopping = false
        /// What is on the disk, by number.
        var sizes: [UInt64: Int] = [:]
    }

    private let disk: any LogDisk
    private let storeID: UniqueID
    private let settings: LogSettings
    private let makeSalt: @Sendable () -> UInt64
    private let seconds: @Sendable () -> Int64
    private let state: Monitor<State>
    private let thread = StoreThread("log-segments")

    /// Written between two looks whether to stop.
    private static let zerosMax = 1 << 20

    /// Makes a shelf without a thread; `neededFrom` is the first segment that a restart needs, `seconds` the
    /// time since 1970.
    init(
        _ disk: any LogDisk,
        storeID: UniqueID,
        settings: LogSettings,
        neededFrom: UInt64,
        makeSalt: @escaping @Sendable () -> UInt64,
        seconds: @escaping @Sendable () -> Int64
    ) {
        self.disk = disk
        self.storeID = storeID
        self.settings = settings
        self.makeSalt = makeSalt
        self.seconds = seconds
        state = Monitor(State(neededFrom: neededFrom))
    }

    // MARK: - For the appender

    func start() throws(StoreError) {
        state.withLock { $0.hasThread = true }
        try thread.start { [self] in work() }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        state.wakeAll()
        thread.join()
    }

    /// Notes a segment that is on the disk, and that is not the spare.
    func note(_ segment: LogSegment) throws(StoreError) {
        let byteCount = try segment.file.byteCount()
        state.withLock { $0.sizes[segment.number] = byteCount }
    }

    /// Notes a segment that is not open.
    func note(_ number: UInt64) throws(StoreError) {
        let byteCount = try disk.open(LogSegment.name(number)).byteCount()
        state.withLock { $0.sizes[number] = byteCount }
    }

    /// Puts a segment that is there already where ``take(_:)`` finds it.
    func put(_ spare: LogSegment) throws(StoreError) {
        try note(spare)
        state.withLock { $0.spare = spare }
    }

    /// Asks for a segment to be made, unless it is there.
    func want(_ number: UInt64) {
        let isNew = state.withLock { state in
            guard state.spare == nil, state.wanted == nil else { return false }
            state.wanted = number
            return true
        }
        if isNew { state.wakeAll() }
    }

    /// Takes the segment that was asked for; waits for it as long as the settings say, or makes it if no
    /// thread does.
    ///
    /// - Throws: ``StoreError/busy`` if it takes longer, else what making it has met.
    func take(_ number: UInt64) throws(StoreError) -> LogSegment {
        want(number)
        if state.withLock({ !$0.hasThread && $0.spare == nil }) { _ = tryToMake(number) }
        let end = MonotonicTime.now + settings.segmentWait
        let found = state.wait(until: end) { state -> Result<LogSegment, StoreError>? in
            if let spare = state.spare.take() { return .success(spare) }
            if let failure = state.failure { return .failure(failure) }
            return state.isStopping ? .failure(.closed) : nil
        }
        guard let found else { throw .busy }
        return try found.get()
    }

    /// Why no segment can be made; nil while one is there or nothing has failed.
    var failure: StoreError? {
        state.withLock { $0.spare == nil && $0.wanted != nil ? $0.failure : nil }
    }

    /// For tests: as if making the next segment had failed.
    func fail(_ error: StoreError) {
        state.withLock { state in
            state.wanted = 0
            state.failure = error
        }
    }

    /// Says that a restart needs nothing before a segment.
    func release(before number: UInt64) {
        let isNews = state.withLock { state in
            guard number > state.neededFrom else { return false }
            state.neededFrom = number
            state.hasNewRetired = true
            return true
        }
        if isNews { state.wakeAll() }
    }

    /// Keeps all segments from here on that a restart needs, for somebody who reads them.
    ///
    /// - Returns: the reader's number, for ``keep(from:for:)`` and ``endKeeping(for:)``.
    func beginKeeping() -> UInt64 {
        state.withLock { state in
            state.lastReader += 1
            state.readers[state.lastReader] = 0
            return state.lastReader
        }
    }

    /// Says that a reader needs nothing before a segment; false if the disk is full, so that nothing is kept for it any more.
    func keep(from segment: UInt64, for reader: UInt64) -> Bool {
        let isKept = state.withLock { state in
            guard state.readers[reader] != nil else { return false }
            state.readers[reader] = segment
            state.hasNewRetired = true
            return true
        }
        state.wakeAll()
        return isKept
    }

    /// Says that a reader has ended.
    func endKeeping(for reader: UInt64) {
        state.withLock { state in
            state.readers[reader] = nil
            state.hasNewRetired = true
        }
        state.wakeAll()
    }

    /// Says that the disk is full: what a restart does not need goes.
    func yieldRoom() {
        state.withLock { state in
            state.readers = [:]
            state.yields = true
            state.hasNewRetired = true
        }
        state.wakeAll()
    }

    /// What can be read back, on any thread.
    var retained: RetainedLog { RetainedLog(disk: disk, storeID: storeID) }

    /// How many segments are on the disk, and their bytes.
    var extent: (count: Int, bytes: Int) {
        state.withLock { ($0.sizes.count, $0.sizes.values.reduce(0, +)) }
    }

    // MARK: - On the thread

    private enum Task { case make(UInt64), tidy, stop }

    private func work() {
        var retryAt: MonotonicTime?
        while true {
            let next = { (state: inout State) -> Task? in
                if state.isStopping { return .stop }
                if let wanted = state.wanted, retryAt.map({ $0 <= .now }) ?? true { return .make(wanted) }
                guard state.hasNewRetired else { return nil }
                state.hasNewRetired = false
                return .tidy
            }
            let task = if let retryAt { state.wait(until: retryAt, for: next) } else { state.wait(for: next) }
            switch task {
            case .stop: return
            case .make(let number): retryAt = tryToMake(number) ? nil : .now + settings.retryInterval
            case .tidy: tidy()
            case nil: break
            }
        }
    }

    /// Makes a segment the spare; false if that failed.
    private func tryToMake(_ number: UInt64) -> Bool {
        do throws(StoreError) {
            noteRetired()
            let spare = try make(number)
            let byteCount = try spare.file.byteCount()
            state.withLock { state in
                state.spare = spare
                state.sizes[number] = byteCount
                state.wanted = nil
                state.failure = nil
            }
        } catch {
            state.withLock { $0.failure = error }
        }
        state.wakeAll()
        return state.withLock { $0.failure == nil }
    }

    /// Makes a segment: of the oldest that is past its time, else of new room, else of the oldest that is
    /// not needed.
    private func make(_ number: UInt64) throws(StoreError) -> LogSegment {
        if let old = expired().last, let segment = try reuse(old, as: number) { return segment }
        do throws(StoreError) {
            return try prepare(number)
        } catch {
            guard error == .full, let old = state.withLock({ $0.retired.first }),
                let segment = try reuse(old, as: number)
            else { throw error }
            return segment
        }
    }

    private func prepare(_ number: UInt64) throws(StoreError) -> LogSegment {
        let name = LogSegment.preparedName
        do throws(StoreError) {
            let file = try disk.create(name)
            // Written once, a place of the file takes later writes without a change of the file's own blocks.
            var place = 0
            while place < settings.segmentBytes {
                guard !state.withLock({ $0.isStopping }) else { throw .closed }
                let count = min(Self.zerosMax, settings.segmentBytes - place)
                let written = try file.writeZeros(at: place, count: count)
                // A disk that takes nothing, and does not say why, is full.
                guard written > 0 else { throw .full }
                place += written
            }
            return try complete(file, number)
        } catch {
            // Room that was taken in vain is given back.
            try? disk.remove(name)
            throw error
        }
    }

    /// Makes an old segment a new one; nil if it is not of a segment's size.
    private func reuse(_ old: Retired, as number: UInt64) throws(StoreError) -> LogSegment? {
        guard old.byteCount == settings.segmentBytes else {
            try remove(old)
            return nil
        }
        let name = LogSegment.name(old.number)
        try disk.rename(name, to: LogSegment.preparedName)
        forget(old)
        return try complete(try disk.open(LogSegment.preparedName), number)
    }

    /// Gives a prepared file its header, and then its name.
    private func complete(_ file: any LogFile, _ number: UInt64) throws(StoreError) -> LogSegment {
        let header = SegmentHeader(storeID: storeID, number: number, salt: makeSalt())
        try file.writeAll(header.block.span, at: 0, durably: false)
        try file.sync()
        try disk.rename(LogSegment.preparedName, to: LogSegment.name(number))
        try disk.syncNames()
        return LogSegment(header: header, file: file)
    }

    // MARK: - Old segments

    /// Removes what is past its time, but for the last of it, which becomes the next segment.
    private func tidy() {
        noteRetired()
        let yields = state.withLock { state in
            defer { state.yields = false }
            return state.yields
        }
        let old = yields ? state.withLock(\.retired)[...] : expired().dropLast()
        for old in old { try? remove(old) }
    }

    /// Finds out what has been retired since.
    private func noteRetired() {
        let new = state.withLock { state in
            let known = Set(state.retired.map(\.number))
            let first = min(state.neededFrom, state.readers.values.min() ?? .max)
            return state.sizes.filter { $0.key < first && !known.contains($0.key) }
        }
        for (number, byteCount) in new.sorted(by: { $0.key < $1.key }) {
            let written = try? disk.open(LogSegment.name(number)).modificationTime()
            let retired = Retired(number: number, byteCount: byteCount, lastWrite: written ?? 0)
            state.withLock { $0.retired.append(retired) }
        }
    }

    /// What is kept no longer, oldest first.
    private func expired() -> ArraySlice<Retired> {
        let oldest = seconds() - settings.retention.components.seconds
        return state.withLock { state in
            var bytes = state.retired.reduce(0) { $0 + $1.byteCount }
            return state.retired.prefix { old in
                defer { bytes -= old.byteCount }
                return bytes > settings.retainedBytesMax || old.lastWrite < oldest
            }
        }
    }

    private func remove(_ old: Retired) throws(StoreError) {
        try disk.remove(LogSegment.name(old.number))
        forget(old)
    }

    private func forget(_ old: Retired) {
        state.withLock { state in
            state.retired.removeAll { $0.number == old.number }
            state.sizes[old.number] = nil
        }
    }
}
