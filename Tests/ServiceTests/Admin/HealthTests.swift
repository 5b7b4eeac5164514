import Audit
import HTTP
import JSON
import Service
import Storage
import Synchronization
import Tenancy
import TestSupport
import Testing

@Suite("Health")
struct HealthTests {
    /// A clock and a loop that a test moves.
    private final class Times: Sendable {
        let now = Atomic<Int64>(1)
        let heldSeconds = Atomic<Int>(0)
        let commitHeldSeconds = Atomic<Int>(0)

        var board: HealthBoard {
            HealthBoard(
                now: { self.now.load(ordering: .relaxed) },
                heldFor: { .seconds(self.heldSeconds.load(ordering: .relaxed)) },
                commitHeldFor: { .seconds(self.commitHeldSeconds.load(ordering: .relaxed)) }
            )
        }

        func wait(seconds: Int64) { now.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed) }
    }

    private let times = Times()

    private func answer(
        _ handler: some RequestHandler,
        _ path: String,
        _ method: HTTP.Method = .get
    ) async throws -> Response {
        let request = Request(
            method: method,
            target: try Target(path),
            fields: Fields([]),
            body: [],
            peer: Peer(address: "192.0.2.1", isSecure: false)
        )
        switch handler.handle(request) {
        case .ready(let response): return response
        case .pending(let operation): return await operation()
        }
    }

    private func statuses(_ board: HealthBoard) async throws -> [UInt16] {
        let handler = MonitoringHandler(MonitoringPages(board) { [] })
        return [
            try await answer(handler, "/healthz").status.code,
            try await answer(handler, "/readyz").status.code,
        ]
    }

    @Test("While it starts and stops a server is alive and not ready; in between it is both")
    func phases() async throws {
        let board = times.board
        #expect(try await statuses(board) == [200, 503])
        #expect(board.health.obstacle == "starting")
        board.enter(.serving)
        #expect(try await statuses(board) == [200, 200])
        board.enter(.stopping)
        #expect(try await statuses(board) == [200, 503])
        #expect(board.health.obstacle == "stopping")
    }

    @Test("Each state of the audit trail is told; only one that refuses changes makes a server not ready")
    func auditStates() async throws {
        let board = times.board
        board.enter(.serving)
        for state in AuditState.allCases {
            board.note(state, waitsForRoom: false)
            #expect(board.health.json.text("audit") == state.rawValue)
            #expect(try await statuses(board) == [200, state == .refusing ? 503 : 200])
        }
        board.note(.ok, waitsForRoom: true)
        #expect(board.health.json.text("disk") == "full")
        #expect(try await statuses(board) == [200, 200])
    }

    @Test("A loop that hangs makes it not alive, a long turn does not")
    func heldLoop() async throws {
        let board = times.board
        board.enter(.serving)
        times.heldSeconds.store(10, ordering: .relaxed)
        #expect(try await statuses(board) == [200, 200])
        times.heldSeconds.store(11, ordering: .relaxed)
        #expect(try await statuses(board) == [503, 503])
        #expect(board.health.obstacle == "loop")
    }

    @Test(
        "A commit thread that hangs makes it not alive, and keeps the watchdog's beat back; a slow disk does not"
    )
    func heldCommit() async throws {
        let board = times.board
        board.enter(.serving)
        times.commitHeldSeconds.store(60, ordering: .relaxed)
        #expect(try await statuses(board) == [200, 200])
        #expect(board.health.doesCommit)
        times.commitHeldSeconds.store(61, ordering: .relaxed)
        #expect(try await statuses(board) == [503, 503])
        #expect(board.health.obstacle == "log" && !board.health.doesCommit)
    }

    @Test(
        "A watch that hangs makes it not alive, since what it told is out of date; one that has ended does not"
    )
    func hungWatch() async throws {
        let board = times.board
        board.enter(.serving)
        board.note(.ok, waitsForRoom: false)
        times.wait(seconds: 60)
        #expect(try await statuses(board) == [200, 200])
        times.wait(seconds: 1)
        #expect(try await statuses(board) == [503, 503])
        #expect(board.health.obstacle == "watch")
        board.enter(.stopping)
        board.note(.ok, waitsForRoom: false)
        times.wait(seconds: 61)
        #expect(try await statuses(board) == [200, 503])
    }

    @Test("The address of monitoring systems answers three paths by GET and refuses everything else")
    func address() async throws {
        let handler = MonitoringHandler(MonitoringPages(times.board) { Array("figures\n".utf8) })
        let metrics = try await answer(handler, "/metrics")
        #expect(metrics.status == .ok && metrics.body == Array("figures\n".utf8))
        #expect(metrics.contentType == "text/plain; version=0.0.4; charset=utf-8")
        for path in ["/", "/tenants", "/store", "/status", "/metrics/x", "/acme/scim/v2/Users"] {
            #expect(try await answer(handler, path).status == .notFound, "\(path)")
        }
        for method in [HTTP.Method.head, .post, .put, .delete, .other("X")] {
            let refusal = try await answer(handler, "/metrics", method)
            #expect(refusal.status == .methodNotAllowed && refusal[.allow] == "GET", "\(method)")
        }
        // A content is not received.
        let head = Request(
            method: .get,
            target: try Target("/metrics"),
            fields: Fields([]),
            body: [],
            peer: Peer(address: nil, isSecure: false)
        )
        guard case .answered = handler.admit(head) else {
            Issue.record("a body is received")
            return
        }
    }

    @Test(
        "The operators' socket has the three paths too, for operators alone; a console may not ask for them"
    )
    func socket() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let board = times.board
        board.enter(.serving)
        let handler = service.adminHandler(board: board)
        for path in ["/healthz", "/readyz", "/metrics"] {
            #expect(try await handler.answer(.get, path).status == 200, "\(path)")
            #expect(try await handler.answer(.get, path, userID: 1_000).status == 403, "\(path)")
            #expect(try await handler.forConsole.answer(.get, path).status == 403, "\(path)")
            #expect(try await handler.answer(.post, path).status == 404, "\(path)")
        }
    }
}
