import Storage
import StorageLMDB
import TestSupport
import Testing

@Suite("LMDBStore: checkpoints beside commits")
struct CheckpointerTests {
    @Test("whatever run a commit hands over while another one is finished, all comes into the data file")
    func handOver() async throws {
        var configuration = LMDBStore.Configuration.small
        // A run is full after a few commits, so that one is often handed over just when the last one has been written.
        configuration.runBytesMax = 4_000
        configuration.checkpointInterval = .milliseconds(20)
        configuration.log.segmentBytes = 64 << 10
        configuration.log.reserveBytes = 8 << 10
        configuration.log.retainedBytesMax = 128 << 10
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            for _ in 0..<8 {
                await withTaskGroup { group in
                    for task in 0..<8 {
                        group.addTask {
                            for number in 0..<150 {
                                let value = [UInt8](repeating: 7, count: 100 * (1 + (task + number) % 20))
                                let key = Key.user("\(task).\(number % 10)")
                                _ = try? await store.commit(Changeset(.put(key, value)))
                            }
                        }
                    }
                }
                try await eventually { store.status.overlayRows == 0 }
            }
            #expect(store.status.checkpointCount > 50)
        }
    }
}
