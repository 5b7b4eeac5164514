import Audit
import Locking
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("The queue of queries that look at every resource")
struct ScanQueueTests {
    private let service = TestService(store: MemoryStore(clock: { 1 }))
    private let queue = ScanQueue()

    private func access(_ name: String) async throws -> TenantAccess {
        _ = try await service.client(name)
        return try service.administration.access(to: name, by: .system)
    }

    /// Waits in the queue, and keeps the turn until the task is cancelled; false if it was refused.
    private func wait(_ access: TenantAccess, note: @escaping @Sendable () -> Void = {}) -> Task<Bool, Never>
    {
        let queue = queue
        return Task {
            guard let turn = await queue.hold(access) else { return false }
            note()
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
            withExtendedLifetime(turn) {}
            return true
        }
    }

    private func come(to count: Int, of access: TenantAccess) async {
        while queue.count(of: access) != count { await Task.yield() }
    }

    @Test("a tenant has two at a time, others wait until one ends, and another tenant's begin at once")
    func turns() async throws {
        let (acme, other) = (try await access("acme"), try await access("other"))
        var first = await queue.hold(acme)
        let second = await queue.hold(acme)
        #expect(first != nil && second != nil)
        let third = wait(acme)
        await come(to: 3, of: acme)
        let others = await queue.hold(other)
        #expect(others != nil)
        first = nil
        await come(to: 2, of: acme)
        third.cancel()
        #expect(await third.value)
        await come(to: 1, of: acme)
        withExtendedLifetime((first, second, others)) {}
    }

    @Test("so many wait and no more, and who is gone waits no longer")
    func waiting() async throws {
        let acme = try await access("acme")
        let held = [await queue.hold(acme), await queue.hold(acme)]
        let most = ScanQueue.turnsOfTenantMax + ScanQueue.waitingOfTenantMax
        let waiting = (0..<ScanQueue.waitingOfTenantMax).map { _ in wait(acme) }
        await come(to: most, of: acme)
        #expect(await queue.hold(acme) == nil)
        waiting[3].cancel()
        #expect(await waiting[3].value == false)
        await come(to: most - 1, of: acme)
        let late = wait(acme)
        await come(to: most, of: acme)
        for task in waiting + [late] { task.cancel() }
        for task in waiting + [late] { #expect(await task.value == false) }
        await come(to: 2, of: acme)
        withExtendedLifetime(held) {}
        let gone = wait(acme)
        gone.cancel()
        #expect(await gone.value == false)
    }

    @Test("of the tenants that wait, the one with fewest under way is next")
    func order() async throws {
        var held: [HeldTurn?] = []
        for number in 0..<ScanQueue.turnsMax / ScanQueue.turnsOfTenantMax {
            let access = try await access("t\(number)")
            for _ in 0..<ScanQueue.turnsOfTenantMax { held.append(await queue.hold(access)) }
        }
        let (many, few) = (try await access("many"), try await access("few"))
        let begun = Locked<[String]>([])
        var tasks: [Task<Bool, Never>] = []
        for count in 1...3 {
            tasks.append(wait(many) { begun.withLock { $0.append("many") } })
            await come(to: count, of: many)
        }
        tasks.append(wait(few) { begun.withLock { $0.append("few") } })
        await come(to: 1, of: few)
        for count in 1...3 {
            held.removeLast()
            while begun.withLock(\.count) < count { await Task.yield() }
        }
        #expect(begun.withLock(\.self) == ["many", "few", "many"])
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.value }
        withExtendedLifetime(held) {}
    }
}
