import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("A series of changes in one commit")
struct SeriesTogetherTests {
    @Test(
        "B-04: resources that refer to each other come into being in one commit, with one audit record each",
        arguments: StorageEngine.allCases
    )
    func circular(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let bench = try await SeriesBench(store)
            let before = try store.logRows().count
            let ids = (0..<3).map { _ in bench.directory.makeID() }
            let outcomes = try await bench.makeTogether([
                try bench.group(ids[0], [ids[1], ids[2]]), try bench.group(ids[1], [ids[0]]),
                try bench.user(ids[2], "ann"), try bench.retitle(ids[2], "Dr"),
                try bench.retitle(ids[2], "Prof"),
            ])
            #expect(outcomes.map(\.id) == [ids[0], ids[1], ids[2], ids[2], ids[2]])
            #expect(try store.commitCount(from: before) == 1)
            let rows = try store.logRows().dropFirst(before)
            #expect(rows.map(\.version) == outcomes.map(\.version))
            #expect(Set(rows.map(\.version)).count == 5)
            // Each change of the user tells the version before it, although they share a commit.
            let records = try bench.service.records().suffix(3)
            #expect(records.map { $0["SCIM_VERSION_NEW"] } == outcomes[2...].map { $0.version?.entityTag })
            #expect(
                records.dropFirst().map { $0["SCIM_VERSION_OLD"] }
                    == outcomes[2...3].map { $0.version?.entityTag }
            )
            #expect(try store.members(of: ids[0], space: 1) == [ids[1], ids[2]])
            #expect(try bench.findings() == [])
            #expect(try store.check().isClean)
        }
    }

    @Test("One change that fails is told by its place, and none is made", arguments: StorageEngine.allCases)
    func allOrNone(engine: StorageEngine) async throws {
        try await engine.withStore { store in
            let bench = try await SeriesBench(store)
            let ann = bench.directory.makeID()
            _ = try await bench.directory.perform(bench.user(ann, "ann"))
            let before = try store.logRows()
            func id() -> UniqueID { bench.directory.makeID() }
            let stale = VersionCondition.ifMatch(any: false, versions: [CommitVersion(1)])
            let cases: [(DirectoryError?, Change)] = [
                (nil, try bench.user(id(), "ANN")), (nil, try bench.user(id(), "new")),
                (nil, try bench.group(id(), [id()])),
                (.notFound, try bench.retitle(id(), "x")), (.notFound, bench.change(0, .delete(id()))),
                (.versionMismatch, try bench.retitle(ann, "x", if: stale)),
                (.versionMismatch, bench.change(0, .delete(ann), if: stale)),
            ]
            for (error, change) in cases {
                let failure = await #expect(throws: FailedChange.self) {
                    try await bench.makeTogether([
                        try bench.retitle(ann, "lost"), try bench.user(id(), "new"), change,
                        try bench.user(id(), "never"),
                    ])
                }
                #expect(failure?.place == 2)
                if let error { #expect(failure?.error == error) }
            }
            #expect(try store.logRows() == before)
            #expect(try bench.findings() == [])
        }
    }

    @Test("V-03: of eight groups of changes that name one version exactly one is made", arguments: 0..<3)
    func oneWins(round: Int) async throws {
        let bench = try await SeriesBench(MemoryStore(clock: { 1 }))
        let (ann, bob) = (bench.directory.makeID(), bench.directory.makeID())
        let made = try await bench.makeTogether([
            try bench.user(ann, "ann"), try bench.user(bob, "bob"),
        ])
        let condition = VersionCondition.ifMatch(any: false, versions: [try #require(made[0].version)])
        let outcomes = try await withThrowingTaskGroup(of: FailedChange?.self) { tasks in
            for number in 0..<8 {
                tasks.addTask {
                    let changes = [
                        try bench.retitle(bob, "\(number)"),
                        try bench.retitle(ann, "\(number)", if: condition),
                    ]
                    do throws(FailedChange) {
                        _ = try await bench.makeTogether(changes)
                        return nil
                    } catch { return error }
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == nil }.count == 1)
        for failure in outcomes.compactMap(\.self) {
            #expect(failure == FailedChange(place: 1, error: .versionMismatch))
        }
        var titles: [String] = []
        for id in [ann, bob] {
            titles.append(try await bench.client.send(.get, "/Users/\(id.text)").text("title"))
        }
        #expect(titles[0] == titles[1])
    }

    @Test("What does not fit into one commit is refused, a full trail and a failing store likewise")
    func refused() async throws {
        let store = MemoryStore(clock: { 1 })
        let bench = try await SeriesBench(store)
        func users(_ count: Int, title: String) throws -> [Change] {
            try (0..<count).map { try bench.user(bench.directory.makeID(), "u\($0)", title: title) }
        }
        let long = String(repeating: "x", count: 60_000)
        let failure = await #expect(throws: FailedChange.self) {
            try await bench.makeTogether(try users(140, title: long))
        }
        guard case .tooLarge? = failure?.error else {
            Issue.record("\(String(describing: failure))")
            return
        }
        store.failNextCommit(with: .full)
        await #expect(throws: FailedChange(place: nil, error: .full)) {
            try await bench.makeTogether(try users(2, title: ""))
        }
        #expect(try bench.findings() == [])
        _ = try await bench.makeTogether(try users(2, title: ""))
    }
}
