import Glibc
import Locking
import Reactor
import Synchronization
import Testing

/// Notes everything a loop reports.
private final class Recorder: LoopHandler {
    struct Report: Sendable {
        let registration: Registration
        let readiness: Readiness
        let isDeadline: Bool
    }

    private let reports = Locked<[Report]>([])
    private let loop: EventLoop?
    private let reaction: @Sendable (Report) -> Void

    /// `loop`: asked whether a registration lives, before what has been reported of it is noted.
    init(on loop: EventLoop? = nil, _ reaction: @escaping @Sendable (Report) -> Void = { _ in }) {
        self.loop = loop
        self.reaction = reaction
    }

    var all: [Report] { reports.withLock { $0 } }

    func ready(_ descriptors: [ReadyDescriptor]) {
        for descriptor in descriptors where loop?.isLive(descriptor.registration) != false {
            note(
                Report(
                    registration: descriptor.registration,
                    readiness: descriptor.readiness,
                    isDeadline: false
                )
            )
        }
    }

    func deadlineReached(_ registration: Registration) {
        note(Report(registration: registration, readiness: [], isDeadline: true))
    }

    private func note(_ report: Report) {
        reports.withLock { $0.append(report) }
        reaction(report)
    }
}

extension EventLoop {
    /// Runs `body` on the loop and returns what it gives.
    fileprivate func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }
}

private func makePair() throws -> (Int32, Int32) {
    var pair: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
    try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
    return (pair[0], pair[1])
}

/// Waits for something to become true, at most two seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<400 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}

@Suite("Descriptors and deadlines of a loop")
struct DescriptorTests {
    @Test("Readiness is reported at each edge, and the end of the peer with it")
    func readiness() async throws {
        let loop = try EventLoop()
        let (near, far) = try makePair()
        defer {
            loop.shutDown()
            close(near)
        }
        let recorder = Recorder()
        _ = await loop.run { try? loop.register(near, handler: recorder) }
        #expect(await eventually { recorder.all.contains { $0.readiness.contains(.writable) } })
        #expect(!recorder.all.contains { $0.readiness.contains(.readable) })
        write(far, "x", 1)
        #expect(await eventually { recorder.all.contains { $0.readiness.contains(.readable) } })
        close(far)
        #expect(await eventually { recorder.all.contains { $0.readiness.contains(.peerFinished) } })
        #expect(Set(recorder.all.map(\.registration)).count == 1)
    }

    @Test("An event of a descriptor closed in the same batch never reaches the one that took its place")
    func staleEvents() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let (firstNear, firstFar) = try makePair()
        let (secondNear, secondFar) = try makePair()
        let successor = Recorder()
        let registrations = Locked<[Registration]>([])
        let shared = Box(registrations)
        // Whoever is called first in the batch removes the other and puts a newcomer into its slot.
        let recorder = Recorder(on: loop) { report in
            guard report.readiness.contains(.readable) else { return }
            let all = shared.value.withLock { $0 }
            guard let other = all.first(where: { $0 != report.registration }), all.count == 2 else { return }
            loop.deregister(other)
            let newcomer = try? loop.register(nil, handler: successor)
            if let newcomer { shared.value.withLock { $0.append(newcomer) } }
        }
        await loop.run {
            for descriptor in [firstNear, secondNear] {
                if let registration = try? loop.register(descriptor, handler: recorder) {
                    shared.value.withLock { $0.append(registration) }
                }
            }
        }
        // Both become readable while the loop is busy, so that one wait returns both.
        await loop.run {
            write(firstFar, "x", 1)
            write(secondFar, "x", 1)
        }
        #expect(await eventually { shared.value.withLock { $0.count } == 3 })
        await loop.run {}
        let all = shared.value.withLock { $0 }
        #expect(all.count == 3)
        #expect(all[2].slot == all[0].slot || all[2].slot == all[1].slot)
        #expect(successor.all.isEmpty)
        #expect(recorder.all.count { $0.readiness.contains(.readable) } == 1)
        for descriptor in [firstNear, firstFar, secondNear, secondFar] { close(descriptor) }
    }

    @Test("A descriptor that cannot be watched is refused")
    func refusal() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let number = await loop.run { () -> Int32 in
            do throws(SystemError) {
                _ = try loop.register(1_000_000, handler: Recorder())
                return 0
            } catch {
                return error.number
            }
        }
        #expect(number == EBADF)
    }

    @Test("Deadlines fire in order, not before their time, and only the last one set")
    func deadlines() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let late = Box(Locked<[Bool]>([]))
        let registrations = Box(Locked<[Registration]>([]))
        let delays = [30, 10, 20, 1]
        let start = LoopInstant.now
        let recorder = Recorder { report in
            let index = registrations.value.withLock { $0.firstIndex(of: report.registration) } ?? 0
            let due = start.advanced(by: .milliseconds(delays[index]))
            late.value.withLock { $0.append(LoopInstant.now >= due) }
        }
        await loop.run {
            for delay in delays {
                guard let registration = try? loop.register(nil, handler: recorder) else { continue }
                registrations.value.withLock { $0.append(registration) }
                loop.setDeadline(start.advanced(by: .seconds(9)), of: registration)
                loop.setDeadline(start.advanced(by: .milliseconds(delay)), of: registration)
            }
        }
        #expect(await eventually { recorder.all.count == 4 })
        let all = registrations.value.withLock { $0 }
        #expect(recorder.all.map(\.registration) == [all[3], all[1], all[2], all[0]])
        #expect(late.value.withLock { $0 } == [true, true, true, true])
    }

    @Test("A removed deadline and the deadline of a removed registration do not fire")
    func removedDeadlines() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let recorder = Recorder()
        let last = Recorder()
        await loop.run {
            let soon = LoopInstant.now.advanced(by: .milliseconds(5))
            for removal in 0..<2 {
                guard let registration = try? loop.register(nil, handler: recorder) else { continue }
                loop.setDeadline(soon, of: registration)
                if removal == 0 {
                    loop.setDeadline(nil, of: registration)
                } else {
                    loop.deregister(registration)
                }
            }
            guard let registration = try? loop.register(nil, handler: last) else { return }
            loop.setDeadline(soon.advanced(by: .milliseconds(15)), of: registration)
        }
        #expect(await eventually { last.all.count == 1 })
        #expect(recorder.all.isEmpty)
    }

    @Test("Thousands of deadlines, moved and removed at random, fire sorted")
    func manyDeadlines() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let expected = Box(Locked<[Registration: Int64]>([:]))
        let recorder = Recorder()
        await loop.run {
            var generator = SplitMix(state: 42)
            let start = LoopInstant.now
            var registrations: [Registration] = []
            for _ in 0..<3000 {
                if let registration = try? loop.register(nil, handler: recorder) {
                    registrations.append(registration)
                }
            }
            for _ in 0..<12000 {
                let registration = registrations[Int(generator.next() % 3000)]
                let isRemoval = generator.next() % 4 == 0
                let deadline = start.advanced(by: .microseconds(Int64(generator.next() % 20_000)))
                loop.setDeadline(isRemoval ? nil : deadline, of: registration)
                expected.value.withLock { $0[registration] = isRemoval ? nil : deadline.nanoseconds }
            }
        }
        let deadlines = expected.value.withLock { $0 }
        #expect(await eventually { recorder.all.count == deadlines.count })
        let fired = recorder.all.compactMap { deadlines[$0.registration] }
        #expect(fired.count == deadlines.count)
        #expect(fired == fired.sorted())
    }

    @Test("Signals arrive on the loop")
    func signals() async throws {
        let loop = try EventLoop()
        defer { loop.shutDown() }
        let seen = Box(Atomic<Int32>(0))
        SignalListener.block([SIGURG])
        try SignalListener([SIGURG], on: loop) { seen.value.store($0, ordering: .relaxed) }
        // To the thread that blocks it: other threads of the test process do not, and would take it.
        let isSent = await loop.run { () -> Bool in
            SignalListener.block([SIGURG])
            return pthread_kill(pthread_self(), SIGURG) == 0
        }
        #expect(isSent)
        #expect(await eventually { seen.value.load(ordering: .relaxed) == SIGURG })
    }
}

/// A small repeatable source of numbers.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
