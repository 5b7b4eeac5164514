import Glibc
import Locking
import Storage
import Synchronization
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("LMDBStore: a full disk, and checkpoints that take long")
struct FullDiskTests {
    static func withStore(
        _ change: (inout LMDBStore.Configuration) -> Void,
        _ body: (LMDBStore, String) async throws -> Void
    ) async throws {
        var configuration = CrashTests.configuration()
        configuration.log.retryInterval = .milliseconds(5)
        configuration.commitWaitMax = .milliseconds(300)
        change(&configuration)
        try await withTemporaryFolder { folder in
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            defer { store.close() }
            try await body(store, folder)
        }
    }

    static func commit(_ store: LMDBStore, _ number: Int64, usesReserve: Bool = false) async -> StoreError? {
        var change = CrashTests.change(number)
        change.usesReserve = usesReserve
        do throws(StoreError) {
            _ = try await store.commit(change)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "while the data file cannot grow, changes are refused, reads go on, what makes things safer is taken; then all goes on"
    )
    func checkpointFull() async throws {
        let fault = Fault()
        try await Self.withStore {
            $0.checkpointFault = { fault.answer() }
            $0.runReserveBytes = 8_000
        } _: { store, _ async throws in
            var number: Int64 = 0
            var error: StoreError?
            while error == nil, number < 500 {
                error = await Self.commit(store, number + 1)
                if error == nil { number += 1 }
            }
            #expect(error == .full)
            #expect((5..<100).contains(number))
            #expect(try CrashTests.state(store) == number)
            #expect(store.status.failure == .full)
            for _ in 0..<3 {
                #expect(await Self.commit(store, number + 1, usesReserve: true) == nil)
                number += 1
                #expect(await Self.commit(store, number + 1) == .full)
            }
            fault.clear()
            let end = ContinuousClock.now + .seconds(20)
            while await Self.commit(store, number + 1) != nil, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(5))
            }
            number += 1
            for _ in 0..<50 {
                #expect(await Self.commit(store, number + 1) == nil)
                number += 1
            }
            #expect(try CrashTests.state(store) == number)
            #expect(store.status.failure == nil)
        }
    }

    /// A fault that lasts until it is cleared.
    final class Fault: Sendable {
        private let isOn = Atomic(true)

        func answer() -> Int32? { isOn.load(ordering: .relaxed) ? ENOSPC : nil }
        func clear() { isOn.store(false, ordering: .relaxed) }
    }

    @Test("closing a store whose disk is full is quick, and a start has all that was answered")
    func closeFull() async throws {
        try await withTemporaryFolder { folder in
            var configuration = CrashTests.configuration()
            configuration.checkpointFault = { ENOSPC }
            let store = try LMDBStore(path: folder + "/store", configuration: configuration) { 1 }
            var number: Int64 = 0
            while await Self.commit(store, number + 1) == nil { number += 1 }
            let start = ContinuousClock.now
            store.close()
            #expect(ContinuousClock.now - start < .seconds(5))
            let again = try CrashTests.open(folder + "/store")
            #expect(again.recovery.replayedCount == UInt64(number))
            #expect(try CrashTests.state(again) == number)
            again.close()
        }
    }

    @Test(
        "while no file of the log can be made, changes are refused and lose nothing, and go on when there is room"
    )
    func logFull() async throws {
        let disk = SimulatedDisk()
        try await Self.withStore {
            $0.logDisk = disk
            $0.runBytesMax = 1 << 20
        } _: { store, _ async throws in
            var number: Int64 = 0
            for _ in 0..<3 {
                #expect(await Self.commit(store, number + 1) == nil)
                number += 1
            }
            disk.failAll(.error(ENOSPC))
            // The log's own file ends with nothing written, which this disk does not even let be said.
            let error = await Self.commit(store, number + 1)
            #expect(error == .outcomeUnknown || error == .full)
            #expect(try CrashTests.state(store) == number)
        }
    }

    @Test("where segments cannot be made but written, the last one's end is for what makes things safer")
    func noSegment() async throws {
        let disk = SimulatedDisk()
        disk.failNew(.error(ENOSPC), after: 1)
        try await Self.withStore {
            $0.logDisk = disk
            $0.runBytesMax = 1 << 20
        } _: { store, _ async throws in
            var number: Int64 = 0
            var error: StoreError?
            while error == nil, number < 100 {
                error = await Self.commit(store, number + 1)
                if error == nil { number += 1 }
            }
            #expect(error == .full)
            #expect((10...15).contains(number))
            #expect(await Self.commit(store, number + 1, usesReserve: true) == nil)
            number += 1
            #expect(await Self.commit(store, number + 1) == .full)
            #expect(try CrashTests.state(store) == number)
            disk.failNew(nil, after: 0)
            let end = ContinuousClock.now + .seconds(20)
            while await Self.commit(store, number + 1) != nil, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(5))
            }
            number += 1
            #expect(try CrashTests.state(store) == number)
        }
    }

    @Test(
        "a checkpoint that hangs lets commits wait, but not longer than said; then they are refused as busy"
    )
    func deadline() async throws {
        let fault = Fault()
        try await Self.withStore {
            $0.checkpointFault = {
                while fault.answer() != nil { usleep(1_000) }
                return nil
            }
        } _: { store, _ async throws in
            var number: Int64 = 0
            var error: StoreError?
            var longest = Duration.zero
            while error == nil, number < 500 {
                let start = ContinuousClock.now
                error = await Self.commit(store, number + 1)
                longest = max(longest, ContinuousClock.now - start)
                if error == nil { number += 1 }
            }
            #expect(error == .busy)
            #expect(longest >= .milliseconds(300))
            #expect(store.status.overlayBytes < 20_000)
            fault.clear()
            let end = ContinuousClock.now + .seconds(20)
            while await Self.commit(store, number + 1) != nil, ContinuousClock.now < end {}
            #expect(try CrashTests.state(store) == number + 1)
        }
    }

    @Test("rows go to the data file when they are old, also without further changes")
    func idle() async throws {
        try await Self.withStore {
            $0.checkpointInterval = .milliseconds(20)
        } _: { store, _ async throws in
            #expect(await Self.commit(store, 1) == nil)
            let end = ContinuousClock.now + .seconds(20)
            while store.status.overlayRows > 0, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(store.status.overlayRows == 0)
            #expect(store.status.checkpointCount == 1)
            #expect(try CrashTests.state(store) == 1)
        }
    }
}
