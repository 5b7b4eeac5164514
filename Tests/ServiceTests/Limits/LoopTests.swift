import HTTP
import Locking
import Storage
import TestSupport
import Testing

@Suite("Requests stay on their loop")
struct LoopTests {
    /// Counts the reads on a loop and elsewhere.
    private final class WatchedStore: InterceptingStore {
        let base = MemoryStore(clock: { 1 })
        let loop = Locked<QueueExecutor?>(nil)
        let reads = Locked((onLoop: 0, elsewhere: 0))

        func beforeRead() {
            guard let loop = loop.withLock({ $0 }) else { return }
            let isOnLoop = loop.isCurrent
            reads.withLock { if isOnLoop { $0.onLoop += 1 } else { $0.elsewhere += 1 } }
        }
    }

    /// Sends requests from its loop, as a connection does.
    private actor Connection {
        private let loop: QueueExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(on loop: QueueExecutor) { self.loop = loop }

        func send(
            _ client: TestClient,
            _ method: Method,
            _ path: String,
            _ body: String
        ) async throws -> Int {
            try await client.send(method, path, body).status
        }
    }

    @Test("A change is computed, and its answer read, on the loop of its connection")
    func changes() async throws {
        let store = WatchedStore()
        let loop = QueueExecutor(label: "loop")
        let service = TestService(store: store, executors: [loop])
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let group = try await client.createGroup("Staff")
        let member = #"{"value":"\#(user)"}"#
        let operation = #"{"op":"add","path":"members","value":\#(member)}"#
        let connection = Connection(on: loop)
        let requests: [(Method, String, String)] = [
            (.post, "/Users", #"{"userName":"bob"}"#),
            (.put, "/Users/\(user)", #"{"userName":"ann","title":"a"}"#),
            (.patch, "/Users/\(user)", #"{"Operations":[{"op":"add","path":"title","value":"b"}]}"#),
            (.patch, "/Groups/\(group)", #"{"Operations":[\#(operation)]}"#),
            (.put, "/Groups/\(group)", #"{"displayName":"Staff","members":[\#(member)]}"#),
            (
                .post, "/Bulk",
                #"{"Operations":[{"method":"PUT","path":"/Users/\#(user)","data":{"userName":"ann"}}]}"#
            ),
        ]
        store.loop.withLock { $0 = loop }
        for (method, path, body) in requests {
            store.reads.withLock { $0 = (0, 0) }
            let status = try await connection.send(client, method, path, body)
            #expect([200, 201].contains(status), "\(method) \(path)")
            let reads = store.reads.withLock(\.self)
            #expect(reads.onLoop >= 2, "\(method) \(path)")
            #expect(reads.elsewhere == 0, "\(method) \(path)")
        }
    }
}
