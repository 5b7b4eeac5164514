import Locking
import Testing

@testable import Reactor

@Suite("Turns of accounts on a loop")
struct WorkLanesTests {
    /// What is taken from lanes with so many pieces of each account, if a piece takes so many nanoseconds.
    private func order(
        _ pieces: [(account: UInt32, count: Int)],
        nanoseconds: [UInt32: Int64] = [:]
    ) -> [UInt32] {
        var lanes = WorkLanes()
        for (account, count) in pieces {
            for _ in 0..<count { lanes.append(.body {}, of: account) }
        }
        var order: [UInt32] = []
        var left = Dictionary(uniqueKeysWithValues: pieces.map { ($0.account, $0.count) })
        while let (account, _, isLast) = lanes.popFirst() {
            order.append(account)
            left[account, default: 0] -= 1
            #expect(isLast == (left[account] == 0))
            lanes.note(nanoseconds[account] ?? 100_000, of: account)
        }
        #expect(lanes.isEmpty)
        return order
    }

    @Test("Nobody's piece waits for more than one of each other account")
    func turns() {
        #expect(order([(7, 4), (9, 2), (0, 1)]) == [7, 9, 0, 7, 9, 7, 7])
    }

    @Test("Whose piece takes long misses as many turns as it has had, and none when nobody else waits")
    func debts() {
        #expect(order([(7, 3), (9, 6)], nanoseconds: [7: 700_000]) == [7, 9, 9, 9, 9, 7, 9, 9, 7])
        #expect(order([(7, 3)], nanoseconds: [7: 5_000_000]) == [7, 7, 7])
    }

    @Test("Two that are both in debt go on in turn")
    func bothInDebt() {
        #expect(order([(7, 3), (9, 3)], nanoseconds: [7: 700_000, 9: 700_000]) == [7, 9, 7, 9, 7, 9])
    }

    @Test("What is queued by another thread, and by a piece itself, comes to its account's turns")
    func inheritance() throws {
        let loop = try EventLoop()
        let seen = Locked<[UInt32]>([])
        let note: @Sendable () -> Void = { seen.withLock { $0.append(WorkAccount.current) } }
        let before = WorkAccount.current
        loop.execute {
            // Queued while the loop is busy, so that all of them wait together.
            WorkAccount.perform(for: 7) { for _ in 0..<100 { loop.execute(note) } }
            WorkAccount.perform(for: 9) {
                loop.execute {
                    note()
                    loop.execute(note)
                }
            }
        }
        loop.shutDown()
        let order = seen.withLock { $0 }
        #expect(order.count == 102)
        #expect(order.prefix(4).elementsEqual([7, 9, 7, 9]))
        #expect(order.dropFirst(4).allSatisfy { $0 == 7 })
        WorkAccount.perform(for: 7) {}
        #expect(WorkAccount.current == before)
    }

    @Test("What one account has asked for late goes in turn with what another has")
    func lateTurns() throws {
        let loop = try EventLoop()
        let seen = Locked<[UInt32]>([])
        loop.execute {
            for account: UInt32 in [7, 7, 7, 9] {
                WorkAccount.perform(for: account) {
                    loop.executeLate { seen.withLock { $0.append(WorkAccount.current) } }
                }
            }
        }
        loop.shutDown()
        #expect(seen.withLock { $0 } == [7, 9, 7, 7])
    }

    @Test("Who has all that was asked for is not kept waiting for the end of what another one has asked for")
    func handOver() throws {
        let loop = try EventLoop()
        let done = Locked(0)
        let seen = Locked<[Int]>([])
        loop.execute {
            WorkAccount.perform(for: 7) {
                for index in 0..<1_000 {
                    loop.execute {
                        done.withLock { $0 += 1 }
                        guard index == 200 else { return }
                        WorkAccount.perform(for: 9) {
                            loop.execute {
                                loop.executeLast { seen.withLock { $0.append(done.withLock(\.self)) } }
                            }
                        }
                    }
                }
            }
        }
        loop.shutDown()
        #expect(seen.withLock(\.self).count == 1)
        #expect(seen.withLock(\.self).allSatisfy { $0 <= 201 + EventLoop.jobsPerSliceMax })
        #expect(done.withLock(\.self) == 1_000)
    }

    @Test("Something is shared for a second after it has turned from one tenant to another")
    func sharing() {
        var sharing = Sharing()
        for account: UInt32 in [0, 7, 0, 7] { sharing.note(account, at: 5) }
        #expect(!sharing.isShared(at: 5))
        sharing.note(9, at: 5)
        sharing.note(9, at: 900_000_000)
        #expect(sharing.isShared(at: 1_000_000_004) && !sharing.isShared(at: 1_000_000_005))
    }

    @Test("What is to be done last is done behind a slice of work, within the turn")
    func lastWork() throws {
        let loop = try EventLoop()
        let seen = Locked<[String]>([])
        let note: @Sendable (String) -> Void = { text in seen.withLock { $0.append(text) } }
        loop.execute {
            loop.executeLast { note("last") }
            loop.execute { note("queued") }
            loop.executeLate {
                note("late")
                loop.executeLast { note("last of the late") }
            }
            note("first")
        }
        loop.shutDown()
        #expect(seen.withLock { $0 } == ["first", "queued", "last", "late", "last of the late"])
    }
}
