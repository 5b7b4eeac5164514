import Audit
import Foundation
import HTTP
import JSON
import Locking
import Reactor
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Nothing holds a loop for long", .serialized)
struct LoopHoldTests {
    /// A loop that measures the processor time of each of its jobs.
    private final class MeasuredLoop: SerialExecutor, TaskExecutor {
        private let queue = DispatchQueue(label: "loop")
        private let longest = Locked(0.0)
        private static let current = DispatchSpecificKey<ObjectIdentifier>()

        init() { queue.setSpecific(key: Self.current, value: ObjectIdentifier(self)) }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async {
                self.measure {
                    job.runSynchronously(
                        isolatedTo: self.asUnownedSerialExecutor(),
                        taskExecutor: self.asUnownedTaskExecutor()
                    )
                }
            }
        }

        func isIsolatingCurrentContext() -> Bool? {
            DispatchQueue.getSpecific(key: Self.current) == ObjectIdentifier(self)
        }

        private func measure(_ body: () -> Void) {
            let start = Self.processorSeconds
            body()
            let spent = Self.processorSeconds - start
            longest.withLock { $0 = max($0, spent) }
        }

        /// Seconds that one job took at most since the last time.
        func takeLongest() -> Double {
            longest.withLock { longest in
                defer { longest = 0 }
                return longest
            }
        }

        private static var processorSeconds: Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }

    /// Handles requests as a connection does: on its loop, and in a task that prefers it.
    private actor Connection {
        private let loop: MeasuredLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(on loop: MeasuredLoop) { self.loop = loop }

        func send(_ request: Request, _ service: TestService) async -> Response {
            switch service.pipeline.handle(request) {
            case .ready(let response): return response
            case .pending(let operation):
                return await Task(executorPreference: loop) { await self.carryOut(operation) }.value
            }
        }

        private func carryOut(_ operation: @Sendable () async -> Response) async -> Response {
            await operation()
        }
    }

    #if DEBUG
    /// An unoptimised build takes some twenty times as long, and one for Thread Sanitizer several times that; scripts/test-tsan
    /// sets the variable.
    private static let secondsMax =
        ProcessInfo.processInfo.environment["TSAN_OPTIONS"] == nil ? 0.15 : 3
    #else
    private static let secondsMax = 0.005
    #endif

    @Test(
        "No request within the published limits holds a loop for more than 5 ms",
        arguments: PropertyRounds.seeds(2)
    )
    func worstCases(seed: UInt64) async throws {
        // Which applies changes on a thread of its own, as the server's store does.
        try await StorageEngine.lmdb.withStore { try await worstCases(seed, $0) }
    }

    private func worstCases(_ seed: UInt64, _ store: any Store) async throws {
        let loop = MeasuredLoop()
        let threads = try BackgroundThreads(loopCount: 2)
        let service = TestService(store: store, executors: [loop], background: threads)
        let client = try await service.client()
        var inputs = WorstInputs(seed: seed)
        try await inputs.prepare(client)
        let connection = Connection(on: loop)
        // What is done once for a process is not the request's.
        for _ in 0..<2 {
            _ = await connection.send(try WorstInputs.request(.get, "/Users?count=1", "", client), service)
        }
        for input in inputs.all() {
            let request = try WorstInputs.request(input.method, input.path, input.body, client)
            _ = loop.takeLongest()
            let response = await connection.send(request, service)
            let longest = loop.takeLongest()
            #expect(longest < Self.secondsMax, "\(input.name): \(response.status.code), seed \(seed)")
            #expect(response.status.code != 500, "\(input.name): seed \(seed)")
        }
        threads.shutDown()
    }

    private func isPending(_ outcome: Outcome) -> Bool { if case .pending = outcome { true } else { false } }

    @Test(
        "The first request after a tenant's own schemas have changed holds no loop, and all go by the new ones"
    )
    func schemas() async throws {
        let loop = MeasuredLoop()
        let threads = try BackgroundThreads(loopCount: 2)
        let service = TestService(store: MemoryStore(), executors: [loop], background: threads)
        let client = try await service.client()
        let connection = Connection(on: loop)
        let request = try WorstInputs.request(.get, "/Users?count=1", "", client)
        _ = await connection.send(request, service)
        let attributes = (0..<200).map { #"{"name":"attribute\#($0)","type":"string"}"# }.joined(
            separator: ","
        )
        let schemas = (0..<8).map {
            #"{"id":"urn:example:\#($0)","name":"S\#($0)","attributes":[\#(attributes)]}"#
        }
        let file = try JSONValue(parsing: Array("[\(schemas.joined(separator: ","))]".utf8))
        _ = try await service.administration.addSchemas(
            file,
            extending: "User",
            tenant: client.tenant,
            by: .system
        )
        _ = loop.takeLongest()
        // The body of one comes later than its head.
        var head = request
        head.body = []
        guard case .receive = service.pipeline.admit(head) else {
            return #expect(Bool(false), "refused by its head")
        }
        #expect(isPending(service.pipeline.handle(request)))
        async let first = connection.send(request, service)
        async let second = connection.send(request, service)
        #expect(await [first.status.code, second.status.code] == [200, 200])
        #expect(loop.takeLongest() < Self.secondsMax)
        #expect(!isPending(service.pipeline.handle(request)))
        let schema = try WorstInputs.request(.get, "/Schemas/urn:example:7", "", client)
        #expect(await connection.send(schema, service).status == .ok)
        threads.shutDown()
    }
}
