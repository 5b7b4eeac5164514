import Storage
import StorageLMDB
import TestSupport
import Testing

@Suite("LMDBStore: readers")
struct ReaderTests {
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

    @Test("closing under readers that come and go ends every transaction before the files")
    func closeUnderReaders() async throws {
        try await withTemporaryFolder { folder in
            for _ in 0..<20 {
                let store = try LMDBStore(path: folder + "/store", configuration: .small) { 1 }
                await withTaskGroup(of: StoreError.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            while true {
                                do throws(StoreError) { _ = try store.value(.user("a")) } catch {
                                    return error
                                }
                                await Task.yield()
                            }
                        }
                    }
                    group.addTask {
                        try? await Task.sleep(for: .milliseconds(2))
                        store.close()
                        return .closed
                    }
                    for await error in group { #expect(error == .closed) }
                }
            }
        }
    }
}
