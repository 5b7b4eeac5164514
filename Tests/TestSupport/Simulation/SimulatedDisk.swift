internal import Locking
package import Storage
package import StorageLMDB

/// A disk in memory that loses power, and whose calls fail where they are told to.
///
/// What is written is on the disk once it was synced. Of the rest a power failure leaves each sector of 512 bytes as it was or as it was
/// written, and of names that were given or taken the first few.
package final class SimulatedDisk: LogDisk {
    /// What happens at one call that changes something.
    package enum Fault: Sendable, Equatable {
        case error(Int32)
        /// A part is written, and then the disk is full.
        case short
        /// All is written, and the sync of it fails.
        case unsynced(Int32)
        /// Power fails: the call may have been done in part.
        case power
    }

    fileprivate struct Content: Sendable {
        var now: [UInt8] = []
        var durable: [UInt8] = []
        /// The sectors that were written since they were synced.
        var dirty: Set<Int> = []

        mutating func write(_ bytes: [UInt8], at offset: Int) {
            if now.count < offset + bytes.count {
                now += [UInt8](repeating: 0, count: offset + bytes.count - now.count)
            }
            now.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            guard !bytes.isEmpty else { return }
            for sector in offset / 512...(offset + bytes.count - 1) / 512 { dirty.insert(sector) }
        }

        mutating func sync(_ range: Range<Int>) {
            if durable.count < now.count {
                durable += [UInt8](repeating: 0, count: now.count - durable.count)
            }
            if durable.count > now.count { durable.removeLast(durable.count - now.count) }
            for sector in dirty where sector * 512 < range.upperBound && (sector + 1) * 512 > range.lowerBound
            {
                let place = sector * 512..<min((sector + 1) * 512, now.count)
                if !place.isEmpty { durable.replaceSubrange(place, with: now[place]) }
                dirty.remove(sector)
            }
        }
    }

    fileprivate struct State: Sendable {
        var files: [Content] = []
        var names: [String: Int] = [:]
        /// The names as each operation since the last sync has left them, the synced ones first.
        var history: [[String: Int]] = [[:]]
        var faults: [Int: Fault] = [:]
        var stickyFault: Fault?
        /// What making a file meets, once so many have been made.
        var newFault: (fault: Fault, after: Int)?
        var calls = 0
        var hasPower = true
    }

    private let state = Locked(State())

    package init() {}

    private init(_ state: State) { self.state.withLock { $0 = state } }

    /// How many calls have changed something, or tried to.
    package var calls: Int { state.withLock { $0.calls } }

    /// Lets a call fail, counted from the first one of all.
    package func fail(_ call: Int, _ fault: Fault) { state.withLock { $0.faults[call] = fault } }

    /// Lets all calls fail from now on, until nil.
    package func failAll(_ fault: Fault?) { state.withLock { $0.stickyFault = fault } }

    /// Lets no more than so many files be made, until nil.
    package func failNew(_ fault: Fault?, after count: Int) {
        state.withLock { $0.newFault = fault.map { ($0, count) } }
    }

    package var hasPower: Bool { state.withLock { $0.hasPower } }

    /// What another process finds after kill -9: all that was written.
    package func afterKill() -> SimulatedDisk {
        state.withLock { state in
            var copy = state
            copy.hasPower = true
            copy.faults = [:]
            copy.stickyFault = nil
            copy.calls = 0
            return SimulatedDisk(copy)
        }
    }

    /// One of the disks that a power failure may leave.
    package func afterPowerFailure(using random: inout some RandomNumberGenerator) -> SimulatedDisk {
        let disk = afterKill()
        disk.state.withLock { state in
            state.names = state.history[Int.random(in: 0..<state.history.count, using: &random)]
            state.history = [state.names]
            let mood = Int.random(in: 0..<3, using: &random)
            for index in state.files.indices {
                var content = state.files[index]
                var left = content.durable
                for sector in content.dirty.sorted() {
                    guard mood == 0 || mood == 1 && Bool.random(using: &random) else { continue }
                    let place = sector * 512..<min((sector + 1) * 512, content.now.count)
                    guard !place.isEmpty else { continue }
                    if left.count < place.upperBound {
                        left += [UInt8](repeating: 0, count: place.upperBound - left.count)
                    }
                    left.replaceSubrange(place, with: content.now[place])
                }
                content = Content(now: left, durable: left)
                state.files[index] = content
            }
        }
        return disk
    }

    /// The bytes of a file.
    package func bytes(_ name: String) -> [UInt8] { state.withLock { $0.files[$0.names[name] ?? 0].now } }

    package func flip(_ bit: Int, of byte: Int, in name: String) {
        state.withLock { state in
            guard let file = state.names[name] else { return }
            state.files[file].now[byte] ^= 1 << UInt8(bit)
            state.files[file].durable[byte] ^= 1 << UInt8(bit)
        }
    }

    // MARK: - What the log does

    fileprivate enum Step { case whole, part, unsynced(Int32) }

    /// Counts a call that changes something; how much of it is to be done.
    private static func begin(_ state: inout State) throws(StoreError) -> Step {
        guard state.hasPower else { throw .closed }
        state.calls += 1
        switch state.faults[state.calls] ?? state.stickyFault {
        case nil: return .whole
        case .error(let code): throw StoreError(lmdb: code)
        case .short: return .part
        case .unsynced(let code): return .unsynced(code)
        case .power:
            state.hasPower = false
            return .part
        }
    }

    package func names() throws(StoreError) -> [String] { state.withLock { Array($0.names.keys) } }

    package func open(_ name: String) throws(StoreError) -> any LogFile {
        let file = state.withLock { $0.names[name] }
        guard let file else { throw .system(code: 2) }
        return SimulatedFile(disk: self, index: file)
    }

    package func create(_ name: String) throws(StoreError) -> any LogFile {
        let refusal = state.withLock { state in
            state.newFault.flatMap { state.files.count >= $0.after ? $0.fault : nil }
        }
        if case .error(let code) = refusal { throw StoreError(lmdb: code) }
        let index = try change { state in
            state.files.append(Content())
            state.names[name] = state.files.count - 1
            return state.files.count - 1
        }
        return SimulatedFile(disk: self, index: index)
    }

    package func rename(_ name: String, to newName: String) throws(StoreError) {
        try change { state in state.names[newName] = state.names.removeValue(forKey: name) }
    }

    package func remove(_ name: String) throws(StoreError) {
        _ = try change { state in state.names.removeValue(forKey: name) }
    }

    package func syncNames() throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            switch try Self.begin(&state) {
            case .whole: state.history = [state.names]
            case .unsynced(let code): throw StoreError(lmdb: code)
            case .part: throw state.hasPower ? .full : .closed
            }
        }
    }

    private func change<R>(_ body: (inout State) -> R) throws(StoreError) -> R {
        try state.withLock { state throws(StoreError) in
            let step = try Self.begin(&state)
            let result = body(&state)
            state.history.append(state.names)
            guard case .part = step, !state.hasPower else { return result }
            throw .closed
        }
    }

    fileprivate func read<R>(_ index: Int, _ body: (Content) -> R) throws(StoreError) -> R {
        try state.withLock { state throws(StoreError) in
            guard state.hasPower else { throw .closed }
            return body(state.files[index])
        }
    }

    fileprivate func write<R>(
        _ index: Int,
        _ body: (inout Content, Step) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        try state.withLock { state throws(StoreError) in
            let step = try Self.begin(&state)
            let result = try body(&state.files[index], step)
            guard state.hasPower else { throw .closed }
            return result
        }
    }
}

/// A file of a ``SimulatedDisk``.
private final class SimulatedFile: LogFile {
    private let disk: SimulatedDisk
    private let index: Int

    init(disk: SimulatedDisk, index: Int) {
        self.disk = disk
        self.index = index
    }

    func byteCount() throws(StoreError) -> Int { try disk.read(index) { $0.now.count } }

    func modificationTime() throws(StoreError) -> Int64 { 0 }

    func read(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
        try disk.read(index) { content in
            guard offset < content.now.count else { return [] }
            return Array(content.now[offset..<min(offset + count, content.now.count)])
        }
    }

    func write(_ bytes: Span<UInt8>, at offset: Int, durably: Bool) throws(StoreError) -> Int {
        let bytes = [UInt8](copying: bytes)
        return try disk.write(index) { content, step throws(StoreError) in
            switch step {
            case .part:
                // Power may fail when all of it is written, and nothing synced.
                let count = max(1, bytes.count * 2 / 3)
                content.write(bytes, at: offset)
                if count < bytes.count { content.write([], at: offset) }
                return count
            case .unsynced(let code):
                content.write(bytes, at: offset)
                throw StoreError(lmdb: code)
            case .whole:
                content.write(bytes, at: offset)
                if durably { content.sync(offset..<offset + bytes.count) }
                return bytes.count
            }
        }
    }

    func writeZeros(at offset: Int, count: Int) throws(StoreError) -> Int {
        try write([UInt8](repeating: 0, count: count).span, at: offset, durably: false)
    }

    func allocate(_ byteCount: Int) throws(StoreError) -> Bool {
        try disk.write(index) { content, _ in
            content.write([], at: byteCount)
            return true
        }
    }

    func truncate(_ byteCount: Int) throws(StoreError) {
        try disk.write(index) { content, _ in
            content.now.removeLast(max(0, content.now.count - byteCount))
        }
    }

    func sync() throws(StoreError) {
        try disk.write(index) { content, step throws(StoreError) in
            switch step {
            case .whole: content.sync(0..<content.now.count)
            case .unsynced(let code): throw StoreError(lmdb: code)
            case .part: throw .full
            }
        }
    }
}
