import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("A series of changes")
struct SeriesTests {
    /// The statuses that a series came to: the version's number, or the error.
    private func errors(_ outcomes: [Result<ChangeOutcome, DirectoryError>?]) -> [DirectoryError?] {
        outcomes.map { if case .failure(let error)? = $0 { error } else { nil } }
    }

    private func versions(_ outcomes: [Result<ChangeOutcome, DirectoryError>?]) -> [CommitVersion?] {
        outcomes.map { if case .success(let outcome)? = $0 { outcome.version } else { nil } }
    }

    @Test(
        "B-05: changes share a commit, each with its own audit record; one that fails leaves the others alone",
        arguments: StorageEngine.allCases
    )
    func oneCommit(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let bench = try await SeriesBench(store)
            let ids = (0..<20).map { _ in bench.directory.makeID() }
            let rows = try store.logRows().count
            var steps = try ids.enumerated().map { ChangeStep(try bench.user($1, "u\($0)")) }
            steps.insert(ChangeStep(try bench.user(bench.directory.makeID(), "u3")), at: 10)
            steps.append(ChangeStep(bench.change(0, .delete(ids[0]))))
            let outcomes = await bench.series(steps).run()
            #expect(errors(outcomes).compactMap(\.self).count == 1)
            guard case .rejected? = errors(outcomes)[10] else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(try store.commitCount(from: rows) == 1)
            // The failure and the deletion have none; no two changes share one.
            #expect(Set(versions(outcomes).compactMap(\.self)).count == 20)
            #expect(try store.logRows().count == rows + 21)
            #expect(try bench.findings() == [])
            #expect(try store.check().isClean)
        }
    }

    @Test("B-01: what is too much for one commit is made in several; what cannot be staged is made alone")
    func manyCommits() async throws {
        let store = MemoryStore(clock: { 1 })
        let bench = try await SeriesBench(store)
        let long = String(repeating: "x", count: 30_000)
        let ids = (0..<40).map { _ in bench.directory.makeID() }
        let steps = try ids.enumerated().map { ChangeStep(try bench.user($1, "u\($0)", title: long)) }
        let rows = try store.logRows().count
        let outcomes = await bench.series(steps).run()
        #expect(errors(outcomes).allSatisfy { $0 == nil })
        let commits = try store.commitCount(from: rows)
        #expect(commits > 1)
        #expect(commits < 10)

        // A group of more members than a staged deletion may sweep.
        let group = bench.directory.makeID()
        _ = try await bench.directory.perform(bench.group(group, []))
        let edges = (0...StagedStore.deletionsMax / 2).map { number in
            Edge(space: bench.access.tenant.number, container: group, member: .test(UInt64(number)))
        }
        _ = try await store.commit(Changeset(edges.map { .link($0, kind: 1) }))
        let last = bench.directory.makeID()
        let mixed = await bench.series([
            ChangeStep(try bench.retitle(ids[0], "a")), ChangeStep(bench.change(1, .delete(group))),
            ChangeStep(try bench.user(last, "last")),
        ]).run()
        #expect(errors(mixed) == [nil, nil, nil])
        #expect(try bench.findings() == [])
    }

    @Test("V-03: changes of others between are met again: nothing is lost, and nothing is made twice")
    func conflicts() async throws {
        let bench = try await SeriesBench(MemoryStore(clock: { 1 }))
        let ids = (0..<10).map { _ in bench.directory.makeID() }
        _ = await bench.series(try ids.enumerated().map { ChangeStep(try bench.user($1, "u\($0)")) }).run()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<3 {
                group.addTask {
                    let steps = try ids.map { ChangeStep(try bench.retitle($0, "series \(round)")) }
                    let outcomes = await bench.series(steps).run()
                    #expect(errors(outcomes).allSatisfy { $0 == nil }, "\(outcomes)")
                }
                group.addTask {
                    for _ in 0..<5 {
                        for id in ids { _ = try await bench.directory.perform(bench.retitle(id, "single")) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try bench.findings() == [])
    }

    @Test(
        "A commit that fails is told for each change that was in it, and for refusals behind one, which may rest on it"
    )
    func failingStore() async throws {
        let store = MemoryStore(clock: { 1 })
        let bench = try await SeriesBench(store)
        let (ann, bob) = (bench.directory.makeID(), bench.directory.makeID())
        func nobody() -> ChangeStep { ChangeStep(bench.change(0, .delete(bench.directory.makeID()))) }
        let steps = [
            nobody(), ChangeStep(try bench.user(ann, "ann")), nobody(),
            ChangeStep(try bench.user(bob, "bob")),
        ]
        store.failNextCommit(with: .full)
        #expect(errors(await bench.series(steps).run()) == [.notFound, .full, .full, .full])
        #expect(errors(await bench.series(steps).run()) == [.notFound, nil, .notFound, nil])
    }

    @Test("B-04: a change that refers to what never comes is refused, and so is what refers to that")
    func unmade() async throws {
        let store = MemoryStore(clock: { 1 })
        let bench = try await SeriesBench(store)
        let ids = (0..<4).map { _ in bench.directory.makeID() }
        _ = try await bench.directory.perform(bench.user(bench.directory.makeID(), "taken"))
        let rows = try store.logRows().count
        let outcomes = await bench.series([
            ChangeStep(try bench.group(ids[0], [ids[1]]), references: [1]),
            ChangeStep(try bench.group(ids[1], [ids[2]]), references: [2]),
            ChangeStep(try bench.user(ids[2], "taken")),
            ChangeStep(try bench.user(ids[3], "free")),
        ]).run()
        let found = errors(outcomes)
        #expect(found[0] == .unmade(1))
        #expect(found[1] == .unmade(2))
        #expect(found[3] == nil)
        guard case .rejected? = found[2] else {
            Issue.record("\(found)")
            return
        }
        #expect(try store.logRows().count == rows + 1)
        #expect(try bench.findings() == [])
        #expect(try store.check().isClean)
    }

    @Test("B-04: a circle that does not fit into one commit is refused; what lies between is made")
    func largeCircle() async throws {
        let bench = try await SeriesBench(MemoryStore(clock: { 1 }))
        let long = String(repeating: "x", count: 60_000)
        let (group, user) = (bench.directory.makeID(), bench.directory.makeID())
        var steps = [ChangeStep(try bench.group(group, [user]), references: [151])]
        for number in 0..<150 {
            steps.append(ChangeStep(try bench.user(bench.directory.makeID(), "u\(number)", title: long)))
        }
        steps.append(ChangeStep(try bench.user(user, "last")))
        let found = errors(await bench.series(steps).run())
        guard case .tooLarge? = found[0] else {
            Issue.record("\(String(describing: found[0]))")
            return
        }
        #expect(found.dropFirst().allSatisfy { $0 == nil })
        #expect(try bench.findings() == [])
    }
}
