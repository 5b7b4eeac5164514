import Counting
import Glibc
import Reactor
import Synchronization
import Testing

@Suite("Turns of a loop")
struct LoopTurnsTests {
    private final class Shared: Sendable {
        let isHeld = Atomic(true)
        let left = Atomic(100)
    }

    private let shared = Shared()

    @Test(
        "A turn that takes long is seen while it goes on, counted when it has ended, and the loop then waits"
    )
    func longTurn() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let shared = shared
        loop.execute { while shared.isHeld.load(ordering: .relaxed) { usleep(1_000) } }
        #expect(await eventually { loop.turns.current() > .milliseconds(60) })
        shared.isHeld.store(false, ordering: .relaxed)
        #expect(await eventually { loop.turns.current() == .zero })
        let reading = loop.turns.durations.reading
        let longer = zip(loop.turns.durations.bounds, reading.counts).filter { $0.0 > 50_000_000 }
        #expect(longer.reduce(0) { $0 + $1.1 } + (reading.counts.last ?? 0) >= 1)
        #expect(reading.sum > 60_000_000)
        // What it waits is no turn: half a second later nothing has come to the sum.
        usleep(50_000)
        #expect(loop.turns.durations.reading.sum == reading.sum && loop.turns.current() == .zero)
    }

    @Test("Turns that follow each other without a wait are counted one by one")
    func busyTurns() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let shared = shared
        @Sendable func again() {
            usleep(3_000)
            if shared.left.subtract(1, ordering: .relaxed).newValue > 0 { loop.execute(again) }
        }
        loop.execute(again)
        #expect(
            await eventually { shared.left.load(ordering: .relaxed) == 0 && loop.turns.current() == .zero }
        )
        // A slice ends after 2 ms, so that each job has a turn of its own.
        #expect(loop.turns.durations.reading.count >= 100)
    }

    private func eventually(_ condition: () -> Bool) async -> Bool {
        let end = LoopInstant.now.advanced(by: .seconds(30))
        while !condition() {
            guard LoopInstant.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return true
    }
}
