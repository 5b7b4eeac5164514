import Audit
import HTTP
import Locking
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("Long queries")
struct LongQueryTests {
    /// Keeps all work until it is told to do it.
    private final class StalledWork: BackgroundWork {
        private let waiting = Locked<[@Sendable () -> Void]?>([])

        func start(for tenant: UInt32, _ body: @escaping @Sendable () -> Void) -> Bool {
            let isKept = waiting.withLock { waiting in
                waiting?.append(body)
                return waiting != nil
            }
            if !isKept { body() }
            return true
        }

        var count: Int { waiting.withLock { $0?.count ?? 0 } }

        /// Does what waits, and from now on everything at once.
        func go() {
            let bodies = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting ?? []
            }
            for body in bodies { body() }
        }
    }

    @Test(
        "Eight long queries of a tenant are carried out at a time: a ninth is 503, short ones and other tenants' are answered"
    )
    func turns() async throws {
        let work = StalledWork()
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            executors: [QueueExecutor(label: "loop")],
            background: work
        )
        let client = try await service.client()
        let other = try await service.client("other")
        let title = String(repeating: "t", count: 4_000)
        for number in 0..<1_200 {
            let more = #","title":"\#(title)""#
            _ = try await client.createUser("user\(number)", more)
            if number % 2 == 0 { _ = try await other.createUser("user\(number)", more) }
        }
        let long = "/Users?count=1000"
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await client.send(.get, long).status } }
            while work.count < 8 { await Task.yield() }
            let ninth = try await client.send(.get, long)
            #expect(ninth.status == 503)
            #expect(ninth.response.fields.contains { $0.0 == .retryAfter && $0.1 == "1" })
            let short = try await client.send(.get, "/Users?filter=userName%20eq%20%22user1%22")
            #expect(short.integer("totalResults") == 1)
            group.addTask { try await other.send(.get, long).status }
            while work.count < 9 { await Task.yield() }
            work.go()
            for try await status in group { #expect(status == 200) }
        }
        #expect(try await client.send(.get, long).status == 200)
    }

    @Test(
        "Two queries of a tenant that look at everyone are carried out at a time, others wait, and its other queries are answered",
        arguments: ["filter=userName%20co%20%22user%22", "filter=nickName%20pr", "sortBy=title"]
    )
    func scans(query: String) async throws {
        let work = StalledWork()
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            executors: [QueueExecutor(label: "loop")],
            background: work
        )
        let client = try await service.client()
        let title = String(repeating: "t", count: 4_000)
        for number in 0..<800 { _ = try await client.createUser("user\(number)", #","title":"\#(title)""#) }
        let (scan, long) = ("/Users?\(query)&count=1", "/Users?count=1000")
        let access = try service.administration.access(to: "acme", by: .system)
        let queue = service.pipeline.scans
        let most = ScanQueue.turnsOfTenantMax + ScanQueue.waitingOfTenantMax
        try await withThrowingTaskGroup { group in
            for _ in 0..<most { group.addTask { try await client.send(.get, scan).status } }
            while queue.count(of: access) < most { await Task.yield() }
            while work.count < 2 { await Task.yield() }
            #expect(work.count == 2)
            let further = try await client.send(.get, scan)
            #expect(further.status == 503)
            #expect(further.response.fields.contains { $0.0 == .retryAfter && $0.1 == "1" })
            let short = try await client.send(.get, "/Users?filter=userName%20eq%20%22user1%22")
            #expect(short.integer("totalResults") == 1)
            group.addTask { try await client.send(.get, long).status }
            while work.count < 3 { await Task.yield() }
            work.go()
            for try await status in group { #expect(status == 200) }
        }
        #expect(queue.count(of: access) == 0)
    }
}
