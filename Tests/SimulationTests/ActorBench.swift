import HTTP
import Locking
import Storage
import TestSupport

/// A service whose commits wait until they are let go, so that a test decides what meets what.
///
/// Unchecked: all of it runs on the thread that made it, which the scheduler makes sure of.
final class ActorBench: @unchecked Sendable {
    /// A store whose commits can be held.
    final class HeldStore: InterceptingStore {
        private struct State {
            var isHolding = false
            var held: [CheckedContinuation<Void, Never>] = []
            /// How many records each commit brings to the trail.
            var commits: [Int] = []
            var failure: StoreError?
        }

        let base = MemoryStore(clock: { 1 })
        private let state = Locked(State())

        func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
            let records = changeset.mutations.count { if case .append = $0 { true } else { false } }
            if state.withLock(\.isHolding) {
                await withCheckedContinuation { continuation in
                    state.withLock { $0.held.append(continuation) }
                }
            }
            let failure = state.withLock { state in
                state.commits.append(records)
                defer { state.failure = nil }
                return state.failure
            }
            if let failure { throw failure }
        }

        func hold() {
            state.withLock {
                $0.isHolding = true
                $0.commits = []
            }
        }

        /// Lets the commits go on that are held now; the first of them fails if `failure` says so.
        func release(failing failure: StoreError? = nil) {
            let held = state.withLock { state in
                state.failure = failure
                defer { state.held = [] }
                return state.held
            }
            for continuation in held { continuation.resume() }
        }

        /// Holds nothing more.
        func letGo() {
            state.withLock { $0.isHolding = false }
            release()
        }

        var heldCount: Int { state.withLock(\.held.count) }
        var commits: [Int] { state.withLock(\.commits) }
    }

    let store = HeldStore()
    let service: TestService
    private(set) var client: TestClient
    private let scheduler = VirtualScheduler()
    private let workers: [Worker]
    private let answered = Locked<[Int: TestAnswer]>([:])
    private var sentCount = 0

    /// Makes a tenant; changes come from as many loops.
    init(loops: Int = 1) {
        let loops = (0..<loops).map { [scheduler] _ in scheduler.makeLoop() }
        workers = loops.map { Worker($0) }
        service = TestService(store: store, executors: loops)
        client = TestClient(service: service, tenant: "acme", token: nil)
        let made = Locked<TestClient?>(nil)
        let service = service
        workers[0].assumeIsolated { worker in
            worker.start({ try? await service.client() }) { client in made.withLock { $0 = client } }
        }
        scheduler.drain()
        guard let client = made.withLock(\.self) else { preconditionFailure("an empty store takes a tenant") }
        self.client = client
    }

    /// Sends a request and lets everything happen that can; its number.
    @discardableResult
    func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String? = nil,
        fields: [(FieldName, String)] = [],
        on loop: Int = 0
    ) -> Int {
        sentCount += 1
        let number = sentCount
        let (client, answered) = (client, self)
        workers[loop].assumeIsolated { worker in
            worker.start({ try? await client.send(method, path, body, fields: fields) }) { answer in
                answered.answered.withLock { $0[number] = answer }
            }
        }
        scheduler.drain()
        return number
    }

    /// PATCH of one attribute of a user.
    func retitle(_ user: String, _ title: String, fields: [(FieldName, String)] = [], on loop: Int = 0) -> Int
    {
        send(
            .patch,
            "/Users/\(user)",
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"#
                + #""Operations":[{"op":"replace","path":"title","value":"\#(title)"}]}"#,
            fields: fields,
            on: loop
        )
    }

    func createUser(_ name: String) -> String {
        let number = send(.post, "/Users", #"{"userName":"\#(name)"}"#)
        guard let id = try? answer(number)?.text("id") else { preconditionFailure("\(name) was not created") }
        return id
    }

    /// Nil while there is none.
    func answer(_ number: Int) -> TestAnswer? { answered.withLock { $0[number] } }

    func status(_ number: Int) -> Int? { answer(number)?.status }

    func tag(_ number: Int) -> String? { answer(number)?.response[.eTag] }

    /// Lets commits go, and everything that follows.
    func release(failing failure: StoreError? = nil) {
        scheduler.add { [store] in store.release(failing: failure) }
        scheduler.drain()
    }

    /// Lets all commits go, those to come too.
    func letGo() {
        scheduler.add { [store] in store.letGo() }
        scheduler.drain()
    }
}
