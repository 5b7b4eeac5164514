import Locking

/// The imports, in memory: a restart of the console forgets files and reports.
final class ImportStore: Sendable {
    /// Bytes of a file.
    static let fileBytesMax = 8 << 20
    /// Bytes of all files that wait, and of those of one tenant.
    static let bytesMax = 64 << 20
    static let tenantBytesMax = 16 << 20
    /// Imports of one tenant, and in all, that are remembered.
    static let tenantImportsMax = 8
    static let importsMax = 256
    /// Microseconds for which a file waits for its confirmation, and a report for its reader: an hour.
    static let ageMax: Int64 = 3_600 * 1_000_000

    private struct State {
        var imports: [String: Import] = [:]

        func bytes(of tenant: String? = nil) -> Int {
            imports.values.reduce(0) { sum, one in
                tenant == nil || tenant == one.tenant ? sum + (one.file?.content.count ?? 0) : sum
            }
        }

        /// The oldest of these that is not under way.
        func oldest(where isOne: (Import) -> Bool) -> Import? {
            imports.values.filter { !$0.stage.isUnderWay && isOne($0) }.min { $0.began < $1.began }
        }
    }

    private let now: @Sendable () -> Int64
    private let state = Locked(State())

    init(now: @escaping @Sendable () -> Int64) { self.now = now }

    /// An import of a tenant; nil if there is none, or its time is over.
    ///
    /// `created`: when the tenant was made.
    func find(_ id: String, of tenant: String, _ created: String) -> Import? {
        all(of: tenant, created).first { $0.id == id }
    }

    /// The imports of a tenant, the newest first.
    func all(of tenant: String, _ created: String) -> [Import] {
        state.withLock { state in
            forgetOld(&state)
            return state.imports.values.filter { $0.tenant == tenant && $0.tenantCreated == created }
                .sorted { $0.began > $1.began }
        }
    }

    /// An import whose tenant is known to be the one that it is for; nil if it is gone.
    func find(_ id: String) -> Import? { state.withLock { $0.imports[id] } }

    /// Keeps a new import.
    ///
    /// Where there is no room, the oldest of the tenant's own makes some and, if its files are few, the oldest of the
    /// tenant that has the most. What is under way stays.
    /// - Throws: ``ConsoleFault/invalid(_:)`` if there is no room all the same.
    func add(_ new: Import) throws(ConsoleFault) {
        try state.withLock { state throws(ConsoleFault) in
            forgetOld(&state)
            let size = new.file?.content.count ?? 0
            func isOwn(_ one: Import) -> Bool { one.tenant == new.tenant }
            while state.imports.values.count(where: isOwn) >= Self.tenantImportsMax {
                guard let oldest = state.oldest(where: isOwn) else { throw Self.noRoom }
                state.imports[oldest.id] = nil
            }
            while state.bytes(of: new.tenant) + size > Self.tenantBytesMax {
                try takeFile(from: state.oldest { isOwn($0) && $0.file != nil }, &state)
            }
            while state.bytes() + size > Self.bytesMax {
                let own = state.bytes(of: new.tenant) + size
                let richer = state.imports.values.filter { state.bytes(of: $0.tenant) > own }
                let most = richer.filter { !$0.stage.isUnderWay && $0.file != nil }
                    .map { state.bytes(of: $0.tenant) }.max()
                try takeFile(
                    from: state.oldest { state.bytes(of: $0.tenant) == most && $0.file != nil },
                    &state
                )
            }
            if state.imports.count >= Self.importsMax {
                guard let oldest = state.oldest(where: { _ in true }) else { throw Self.noRoom }
                state.imports[oldest.id] = nil
            }
            state.imports[new.id] = new
        }
    }

    private func takeFile(from one: Import?, _ state: inout State) throws(ConsoleFault) {
        guard let one else { throw Self.noRoom }
        state.imports[one.id]?.file = nil
        state.imports[one.id]?.stage = .unusable("Other files needed its room before it was confirmed.")
    }

    /// Moves an import from one stage to another; false if it is not at the first one (any more).
    ///
    /// So whoever confirms an import twice, or while another of the same tenant is under way, imports once.
    func move(_ id: String, from: Import.Stage, to: Import.Stage) -> Bool {
        state.withLock { state in
            guard let own = state.imports[id], own.stage == from else { return false }
            if to == .importing {
                let others = state.imports.values.filter { $0.tenant == own.tenant && $0.id != id }
                guard !others.contains(where: { $0.stage == .importing }) else { return false }
            }
            state.imports[id]?.stage = to
            return true
        }
    }

    func update(_ id: String, _ change: (inout Import) -> Void) {
        state.withLock { state in
            guard var own = state.imports[id] else { return }
            change(&own)
            state.imports[id] = own
        }
    }

    /// Ends an import, or forgets it if nothing has been changed by it so far.
    func discard(_ id: String) {
        state.withLock { state in
            if state.imports[id]?.stage == .importing {
                state.imports[id]?.isStopping = true
            } else {
                state.imports[id] = nil
            }
        }
    }

    /// Whether the next batch of an import may go out: it is still wanted.
    func isWanted(_ id: String) -> Bool { state.withLock { $0.imports[id]?.isStopping == false } }

    private static let noRoom = ConsoleFault.invalid(
        "Too many files wait to be imported. Try again when one of them is done."
    )

    private func forgetOld(_ state: inout State) {
        let now = now()
        state.imports = state.imports.filter {
            $0.value.stage.isUnderWay || now - $0.value.began < Self.ageMax
        }
    }
}
