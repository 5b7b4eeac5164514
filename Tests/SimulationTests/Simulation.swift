import Audit
import Directory
import HTTP
import JSON
import Locking
import Storage
import TestSupport

/// Runs a program: the real service on a virtual scheduler, over a store that fails where the program says so.
///
/// ```
/// program ─► clients ─► requests ─► service ─► simulated store
///    seed ─► schedule        answers ─► history ◄─ events
/// ```
///
/// Afterwards one client looks at everything and deletes it, so that what is wrong inside is seen from outside.
/// Unchecked: all of it runs on the thread that made it, which the scheduler makes sure of.
final class Simulation: @unchecked Sendable {
    /// Turns after which a history is taken for one that never ends.
    static let turnsMax = 20_000

    let scheduler = VirtualScheduler()
    private let clock = TestClock()
    let base: any SimulatedBase
    private let ids: Bits
    var schedule: Schedule
    var history: History

    private(set) lazy var incarnation = makeIncarnation(0)
    private(set) var wire = Wire(tenant: "acme", token: "")
    var clients: [Client] = []
    /// The resources that answers told of, by kind, in the order in which they were created.
    var created: [Kind: [String]] = [:]
    private var commits: Int?
    var turns: Int?
    private var isRecording = false
    var isCrashing = false

    /// One life of the process.
    struct Incarnation {
        let number: Int
        let store: SimulatedStore
        let service: TestService
        let workers: [Worker]
    }

    /// Who asks for one thing after the other.
    struct Client {
        let calls: [Call]
        var next = 0
        var open: Int?
        /// The last tag of each resource that the client has seen.
        var tags: [String: String] = [:]
    }

    private init(
        _ program: Program,
        seed: UInt64,
        makeBase: (@escaping @Sendable () -> Int64) throws(StoreError) -> any SimulatedBase
    ) throws(StoreError) {
        var seeds = SeededGenerator(seed: seed ^ 0x5EED)
        schedule = Schedule(seed: seeds.next())
        ids = Bits(seed: seeds.next())
        history = History(seed: seed, program: program)
        let clock = clock
        base = try makeBase { clock.now().microseconds }
    }

    /// Runs a program to its end, over a store in memory.
    static func run(_ program: Program, seed: UInt64) -> History {
        do {
            return try run(program, seed: seed) { clock in MemoryStore(clock: clock) }
        } catch {
            preconditionFailure("a store in memory can be made")
        }
    }

    /// Runs a program to its end, over a store of any kind.
    static func run(
        _ program: Program,
        seed: UInt64,
        over makeBase: (@escaping @Sendable () -> Int64) throws(StoreError) -> any SimulatedBase
    ) throws(StoreError) -> History {
        let simulation = try Simulation(program, seed: seed, makeBase: makeBase)
        simulation.run()
        simulation.base.close()
        return simulation.history
    }

    private func run() {
        prepare()
        isRecording = true
        clients = [Client(calls: history.program.setup.map { .one($0) })]
        play()
        commits = 0
        turns = 0
        clients = history.program.clients.map { Client(calls: $0) }
        play()
        (history.turns, history.commits) = (turns ?? 0, commits ?? 0)
        (turns, commits) = (nil, nil)
        lookAround()
        history.records = records()
    }
}

// MARK: - The process

extension Simulation {
    private func makeIncarnation(_ number: Int) -> Incarnation {
        let ids = ids
        let store = SimulatedStore(
            base,
            scheduler: scheduler,
            fault: { [unowned self] in nextFault() },
            overtakes: { [unowned self] in isRecording && schedule.commitsFirst() },
            note: { [unowned self] in if isRecording { history.events.append(.store($0)) } }
        )
        let loops = (0..<history.program.loops).map { _ in scheduler.makeLoop() }
        let service = TestService(
            store: store,
            executors: loops,
            clock: clock,
            randomness: ids.next,
            membershipLimits: MembershipLimits(history.program.slices)
        )
        return Incarnation(number: number, store: store, service: service, workers: loops.map { Worker($0) })
    }

    private func nextFault() -> StoreFault? {
        guard let number = commits else { return nil }
        commits = number + 1
        return history.program.faults[number]
    }

    /// Makes the tenant and its token.
    private func prepare() {
        let service = incarnation.service
        let token = Locked<String?>(nil)
        start(0, { try? await service.client().token }) { made in token.withLock { $0 = made ?? nil } }
        scheduler.drain()
        guard let text = token.withLock(\.self) else { preconditionFailure("an empty store takes a tenant") }
        wire = Wire(tenant: "acme", token: text)
    }

    /// Runs an operation on the loop of a client's connection.
    func start<R: Sendable>(
        _ client: Int,
        _ operation: @escaping @Sendable () async -> R,
        then done: @escaping @Sendable (R) -> Void
    ) {
        let worker = incarnation.workers[client % incarnation.workers.count]
        worker.assumeIsolated { $0.start(operation, then: done) }
    }

    /// The process dies and is started again over what it has committed.
    func crash() {
        isCrashing = true
        incarnation.store.crash()
        base.crash()
        // What was under way ends without effect, and nobody hears of it.
        scheduler.drain()
        history.events.append(.crashed)
        for index in clients.indices {
            guard let open = clients[index].open else { continue }
            history.exchanges[open].end = history.events.count
            history.exchanges[open].isLost = true
            history.exchanges[open].answers = history.exchanges[open].steps.map { _ in .unknown }
            clients[index].open = nil
        }
        isCrashing = false
        schedule.forget()
        incarnation = makeIncarnation(incarnation.number + 1)
        for index in clients.indices { addNext(index) }
    }

    private func records() -> [Record] {
        let rows = (try? incarnation.service.log()) ?? []
        return rows.compactMap { Record($0) }
    }
}

extension MembershipLimits {
    /// Slices are of one membership each.
    fileprivate init(_ slices: Program.Slices) {
        self.init()
        guard slices != .none else { return }
        (namedMax, endedMax, sliceMax, leftPerSliceMax) = (0, 0, 1, 1)
        if slices == .all { leftMax = 0 }
    }
}
