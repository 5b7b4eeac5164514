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
    @Test(
        "a full map that is emptied and filled again keeps what was answered, and takes all of it in the end"
    )
    func again() async throws {
        var configuration = LMDBStore.Configuration.small
        configuration.mapBytes = 1 << 20
        configuration.log.retryInterval = .milliseconds(5)
        try await withTemporaryFolder { folder in
            var store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            var (fitting, counts) = (0, [Int]())
            for round in 0..<6 {
                fitting = 0
                while fitting < 100 {
                    do throws(StoreError) {
                        _ = try await store.commit(Self.large(1_000 * round + fitting))
                        fitting += 1
                    } catch {
                        #expect(error == .full)
                        break
                    }
                }
                counts.append(fitting)
                #expect(try store.keys(.user("large")).count == fitting)
                guard round < 5 else { break }
                var deletion = Changeset(.deletePrefix(.user("large"), limit: 1_000))
                deletion.usesReserve = true
                // Freed pages may be used a transaction later: until a checkpoint has found that out, the map is full.
                let end = ContinuousClock.now + .seconds(300)
                while true {
                    do throws(StoreError) {
                        _ = try await store.commit(deletion)
                        break
                    } catch {
                        try #require(error == .full && ContinuousClock.now < end)
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            #expect(counts.reduce(0, +) > 60, "\(counts)")
            #expect(try store.counter(.user("n")) == Int64(counts.reduce(0, +)))
            store.close()
            store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            #expect(store.recovery.replayedCount == 0)
            #expect(try store.keys(.user("large")).count == fitting)
            #expect(try store.check().isClean)
            store.close()
        }
    }
}
