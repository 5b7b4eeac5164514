import Locking

/// The imports, in memory: a restart of the console forgets files and reports.
final class ImportStore: Sendable {
    /// Bytes of a file.
    static let fileBytesMax = 8 << 20
    /// Bytes of all files that wait.
    static let bytesMax = 64 << 20
    /// Imports of one tenant, and in all, that are remembered.
    static let tenantImportsMax = 8
    static let importsMax = 256
    /// Microseconds for which a file waits for its confirmation, and a report for its reader: an hour.
    static let ageMax: Int64 = 3_600 * 1_000_000
    /// Files that are looked through or imported at a time; further ones wait.
    static let runningMax = 2

    private struct State {
        var imports: [String: Import] = [:]
        var running = 0
    }

    private let now: @Sendable () -> Int64
    private let state = Locked(State())

    init(now: @escaping @Sendable () -> Int64) { self.now = now }

    /// An import of a tenant; nil if there is none, or its time is over.
    func find(_ id: String, of tenant: String) -> Import? {
        state.withLock { state in
            forgetOld(&state)
            return state.imports[id].flatMap { $0.tenant == tenant ? $0 : nil }
        }
    }

    /// The imports of a tenant, the newest first.
    func all(of tenant: String) -> [Import] {
        state.withLock { state in
            forgetOld(&state)
            return state.imports.values.filter { $0.tenant == tenant }.sorted { $0.began > $1.began }
        }
    }

    /// Keeps a new import.
    ///
    /// - Throws: ``ConsoleFault/invalid(_:)`` if there is no room: none that is under way makes any.
    func add(_ new: Import) throws(ConsoleFault) {
        try state.withLock { state throws(ConsoleFault) in
            forgetOld(&state)
            let own = state.imports.values.filter { $0.tenant == new.tenant }
            if own.count >= Self.tenantImportsMax {
                try removeOldest(own, &state)
            } else if state.imports.count >= Self.importsMax {
                try removeOldest(Array(state.imports.values), &state)
            }
            let bytes = state.imports.values.reduce(new.file?.content.count ?? 0) {
                $0 + ($1.file?.content.count ?? 0)
            }
            guard bytes <= Self.bytesMax else { throw Self.noRoom }
            state.imports[new.id] = new
        }
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

    /// Forgets an import that is not under way.
    func remove(_ id: String) {
        state.withLock { state in
            if state.imports[id]?.stage.isUnderWay == false { state.imports[id] = nil }
        }
    }

    /// Forgets the imports of a tenant that are not under way.
    func removeAll(of tenant: String) {
        state.withLock { state in
            state.imports = state.imports.filter {
                $0.value.tenant != tenant || $0.value.stage.isUnderWay
            }
        }
    }

    /// Takes one of the places for what is under way; false if none is free.
    func begin() -> Bool {
        state.withLock { state in
            guard state.running < Self.runningMax else { return false }
            state.running += 1
            return true
        }
    }

    func end() { state.withLock { $0.running -= 1 } }

    private static let noRoom = ConsoleFault.invalid(
        "Too many files wait to be imported. Try again when one of them is done."
    )

    private func removeOldest(_ some: [Import], _ state: inout State) throws(ConsoleFault) {
        guard let oldest = some.filter({ !$0.stage.isUnderWay }).min(by: { $0.began < $1.began }) else {
            throw Self.noRoom
        }
        state.imports[oldest.id] = nil
    }

    private func forgetOld(_ state: inout State) {
        let now = now()
        state.imports = state.imports.filter {
            $0.value.stage.isUnderWay || now - $0.value.began < Self.ageMax
        }
    }
}
