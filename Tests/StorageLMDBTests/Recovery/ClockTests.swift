import Locking
import Storage
import StorageLMDB
import TestSupport
import Testing

@Suite("LMDBStore: the clock")
struct ClockTests {
    static let day: Int64 = 24 * 60 * 60 * 1_000_000

    @Test("a clock that is 400 days ahead stamps nothing: changes are refused until it goes back")
    func ahead() async throws {
        let clock = StorageClock(1_000 * Self.day)
        let told = Locked<[ClockNews]>([])
        var configuration = LMDBStore.Configuration.small
        configuration.onClock = { news in told.withLock { $0.append(news) } }
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { clock.read() }
            _ = try await store.commit(Changeset(.put(.user("a"), [1])))
            clock.set(1_400 * Self.day)
            for _ in 0..<2 {
                await #expect(throws: StoreError.clockAhead) {
                    try await store.commit(Changeset(.put(.user("a"), [2])))
                }
            }
            #expect(try store.value(.user("a")) == [1])
            clock.set(1_000 * Self.day + 5)
            let receipt = try await store.commit(Changeset(.put(.user("a"), [3])))
            #expect(receipt.timeMicroseconds == 1_000 * Self.day + 5)
            let ahead = told.withLock(\.self).first
            guard case .ahead(let excess) = ahead else { return #expect(ahead == .right(after: 0)) }
            #expect(told.withLock(\.self) == [.ahead(microseconds: excess), .right(after: excess)])
            #expect(excess > 399 * Self.day)
            store.close()
            // A start believes the clock: a machine may have been off for long.
            clock.set(1_400 * Self.day)
            let again = try LMDBStore(path: folder + "/store", configuration: configuration) { clock.read() }
            _ = try await again.commit(Changeset())
            again.close()
        }
    }

    @Test(
        "a clock that goes back is told of once, and again if it does so again; less than a second is nothing"
    )
    func goesBack() async throws {
        let clock = StorageClock(1_000 * Self.day)
        let told = Locked<[ClockNews]>([])
        var configuration = LMDBStore.Configuration.small
        configuration.onClock = { news in told.withLock { $0.append(news) } }
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { clock.read() }
            for back in [0, 999_999, 1_000_000, Self.day, 0, 5_000_000] {
                clock.set(1_000 * Self.day - back)
                _ = try await store.commit(Changeset(.put(.user("a"), [1])))
            }
            let expected: [ClockNews] = [.behind(microseconds: 1_000_000), .behind(microseconds: 5_000_000)]
            #expect(told.withLock(\.self) == expected)
            store.close()
            clock.set(999 * Self.day)
            told.withLock { $0 = [] }
            let again = try LMDBStore(path: folder + "/store", configuration: configuration) { clock.read() }
            #expect(told.withLock(\.count) == 1)
            again.close()
        }
    }

    @Test(
        "a clock that was behind at the start may be set once; one that goes back and forth a little may do so"
    )
    func behind() async throws {
        let clock = StorageClock(1_000 * Self.day)
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: .small) { clock.read() }
            _ = try await store.commit(Changeset())
            store.close()
            clock.set(0)
            let again = try LMDBStore(path: folder + "/store", configuration: .small) { clock.read() }
            let first = try await again.commit(Changeset())
            #expect(first.timeMicroseconds == 1_000 * Self.day + 1)
            clock.set(1_020 * Self.day)
            #expect(try await again.commit(Changeset()).timeMicroseconds == 1_020 * Self.day)
            clock.set(1_020 * Self.day + Self.day / 48)
            _ = try await again.commit(Changeset())
            clock.set(1_021 * Self.day)
            await #expect(throws: StoreError.clockAhead) { try await again.commit(Changeset()) }
            again.close()
        }
    }
}
