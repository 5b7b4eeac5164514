import Locking
import Reactor
import Synchronization

/// Who is connected: decides at the door, over all loops, whether there is room for one more.
final class ConnectionCensus: Sendable {
    /// What becomes of a new connection.
    enum Admission: Sendable, Hashable {
        case served
        /// Answered 503 as soon as it asks something.
        case refused
        /// Closed without a word.
        case dropped
    }

    /// One place in the census, given back with ``ConnectionCensus/leave(_:)``.
    struct Place: Sendable {
        /// Nil for who is exempt from what counts origins.
        fileprivate(set) var origin: UInt64?
        fileprivate(set) var isRefused: Bool
        let workerIndex: Int
        /// Whether a trusted proxy is at the other end.
        let isProxy: Bool
    }

    private struct State {
        var open = 0
        var refusing = 0
        var accepted = 0
        var refusedForAll = 0
        var refusedForOrigin = 0
        var refusedAtDoor = 0
        var byOrigin: [UInt64: Int] = [:]
        var byWorker: [Int]
    }

    let connectionsMax: Int
    private let refusalsMax: Int
    private let perOriginMax: Int
    private let operationsMax: Int
    private let state: Locked<State>
    private let operations = Atomic<Int>(0)

    /// A census for this many workers.
    ///
    /// The caps shrink so that a third of a small descriptor limit, or 64 of a large one, stays for the rest of the
    /// process.
    init(
        _ capacity: ServerConfiguration.Capacity,
        workers: Int,
        descriptorsMax: Int = DescriptorLimit.current
    ) {
        let reserve = min(64, descriptorsMax / 3)
        refusalsMax = min(capacity.refusalsMax, descriptorsMax / 8)
        connectionsMax = max(1, min(capacity.connectionsMax, descriptorsMax - reserve - refusalsMax))
        perOriginMax = capacity.connectionsPerOriginMax
        operationsMax = capacity.operationsMax
        state = Locked(State(byWorker: [Int](repeating: 0, count: workers)))
    }

    /// Counts a connection in, on the worker that has the fewest; nil when there is no room even for a refusal.
    func enter(_ peer: SocketAddress, isProxy: Bool = false) -> Place? {
        let origin = isProxy ? nil : peer.countedOrigin
        return state.withLock { state in
            let isFull = state.open >= connectionsMax
            let isGreedy = origin.map { state.byOrigin[$0, default: 0] >= perOriginMax } ?? false
            let isRefused = isFull || isGreedy
            if isRefused {
                if isFull { state.refusedForAll += 1 } else { state.refusedForOrigin += 1 }
                guard state.refusing < refusalsMax else { return nil }
                state.refusing += 1
            } else {
                state.open += 1
                if let origin { state.byOrigin[origin, default: 0] += 1 }
            }
            state.accepted += 1
            let worker = state.byWorker.indices.min { state.byWorker[$0] < state.byWorker[$1] } ?? 0
            state.byWorker[worker] += 1
            return Place(origin: origin, isRefused: isRefused, workerIndex: worker, isProxy: isProxy)
        }
    }

    /// Counts a connection on the account of the client for whom a proxy has made it, who may have too many.
    ///
    /// `client` is not exempt.
    ///
    /// - Returns: false when there is no room for its refusal; the place stays as it was.
    func attribute(_ place: inout Place, to client: SocketAddress) -> Bool {
        guard !place.isRefused, place.origin == nil else { return true }
        let origin = client.origin
        return state.withLock { state in
            if state.byOrigin[origin, default: 0] < perOriginMax {
                state.byOrigin[origin, default: 0] += 1
                place.origin = origin
                return true
            }
            state.refusedForOrigin += 1
            guard state.refusing < refusalsMax else { return false }
            state.refusing += 1
            state.open -= 1
            place.isRefused = true
            return true
        }
    }

    /// Notes that a connection was closed at the door.
    func turnAway() { state.withLock { $0.refusedAtDoor += 1 } }

    /// Counts a connection out.
    func leave(_ place: Place) {
        state.withLock { state in
            state.byWorker[place.workerIndex] -= 1
            if place.isRefused {
                state.refusing -= 1
                return
            }
            state.open -= 1
            guard let origin = place.origin, let count = state.byOrigin[origin] else { return }
            state.byOrigin[origin] = count > 1 ? count - 1 : nil
        }
    }

    /// Whether one more operation may start; if so it is counted until ``endOperation()``.
    func beginOperation() -> Bool {
        if operations.wrappingAdd(1, ordering: .relaxed).newValue <= operationsMax { return true }
        endOperation()
        return false
    }

    func endOperation() { operations.wrappingSubtract(1, ordering: .relaxed) }

    /// Whether nobody is connected, refused ones included.
    var isEmpty: Bool { state.withLock { $0.open == 0 && $0.refusing == 0 } }

    func add(to total: inout ServerCounters) {
        state.withLock { state in
            total.connectionsOpen = state.open + state.refusing
            total.connectionsAccepted = state.accepted
            total.connectionsRefusedForAll = state.refusedForAll
            total.connectionsRefusedForOrigin = state.refusedForOrigin
            total.connectionsRefusedAtDoor = state.refusedAtDoor
        }
        total.operationsUnderWay = operations.load(ordering: .relaxed)
    }
}

extension SocketAddress {
    /// On whose account connections and bodies are counted; nil for who is exempt.
    var countedOrigin: UInt64? { host == nil || isLoopback ? nil : origin }
}
