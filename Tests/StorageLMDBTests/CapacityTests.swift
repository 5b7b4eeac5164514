import Storage
import StorageLMDB
import TestSupport
import Testing

@Suite("LMDBStore: capacity")
struct CapacityTests {
    static func large(_ number: Int) -> Changeset {
        Changeset(
            .put(.user("large\(number)"), [UInt8](repeating: 7, count: 20_000)),
            .increment(.user("n"), 1)
        )
    }

    @Test("a full map refuses what does not fit, loses nothing, and takes what fits")
    func mapFull() async throws {
        var configuration = LMDBStore.Configuration.small
        configuration.mapBytes = 1 << 20
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            var fitting = 0
            var isFull = false
            while !isFull {
                do throws(StoreError) {
                    _ = try await store.commit(Self.large(fitting))
                    fitting += 1
                } catch {
                    #expect(error == .full)
                    isFull = true
                }
                try #require(fitting < 100)
            }
            #expect(fitting > 10)
            #expect(try store.counter(.user("n")) == Int64(fitting))
            #expect(try store.keys(.user("large")).count == fitting)

            // In one batch with others that do not fit, a small change goes through.
            let outcomes = await withTaskGroup(of: (Int, StoreError?).self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let changeset =
                            number == 3 ? Changeset(.put(.user("small"), [1])) : Self.large(200 + number)
                        do throws(StoreError) {
                            _ = try await store.commit(changeset)
                            return (number, nil)
                        } catch {
                            return (number, error)
                        }
                    }
                }
                return await group.reduce(into: [StoreError?](repeating: nil, count: 8)) { $0[$1.0] = $1.1 }
            }
            #expect(outcomes == (0..<8).map { $0 == 3 ? nil : .full })
            #expect(try store.value(.user("small")) == [1])
            #expect(try store.check().isClean)

            _ = try await store.commit(Changeset(.deletePrefix(.user("large"), limit: 10)))
            _ = try await store.commit(Changeset())
            _ = try await store.commit(Self.large(300))
            #expect(try store.keys(.user("large")).count == fitting - 9)
        }
    }

    @Test("a snapshot inside a snapshot and a scan inside a scan have their own transaction and cursor")
    func nested() async throws {
        try await StorageEngine.lmdb.withStore { store in
            _ = try await store.commit(Changeset((0..<10).map { .put(.user("\($0)"), [$0]) }))
            for _ in 0..<3 {
                let sum = try store.withSnapshot { outer throws(StoreError) in
                    try store.withSnapshot { inner throws(StoreError) in
                        var sum = 0
                        try outer.scan(prefix: .user(""), from: nil) { _, outerValue, _ in
                            let left = Int(outerValue[0])
                            for snapshot in 0..<2 {
                                let count: (Span<UInt8>, Span<UInt8>, CommitVersion) -> ScanStep = {
                                    _,
                                    value,
                                    _ in
                                    sum += left * Int(value[0])
                                    return .more
                                }
                                if snapshot == 0 {
                                    try? outer.scan(prefix: .user(""), from: nil, count)
                                } else {
                                    try? inner.scan(prefix: .user(""), from: nil, count)
                                }
                            }
                            return .more
                        }
                        return sum
                    }
                }
                #expect(sum == 2 * 45 * 45)
            }
        }
    }

    @Test("more readers at once than the table has slots are told that the store is busy")
    func readersFull() async throws {
        var configuration = LMDBStore.Configuration.small
        configuration.readersMax = 2
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            func nest(_ depth: Int) throws(StoreError) {
                try store.withSnapshot { _ throws(StoreError) in if depth > 1 { try nest(depth - 1) } }
            }
            try nest(2)
            #expect(throws: StoreError.busy) { try nest(3) }
            try nest(2)
        }
    }
}
