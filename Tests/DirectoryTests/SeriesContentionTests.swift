import Directory
import Locking
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("A series of changes while others never stop")
struct SeriesContentionTests {
    /// A store in which somebody else is quicker than every commit of several changes.
    private final class ContendedStore: InterceptingStore {
        let base = MemoryStore(clock: { 1 })

        func beforeCommit(_ changeset: Changeset) async throws(StoreError) {
            let changes = changeset.mutations.count { if case .append = $0 { true } else { false } }
            if changes > 1 {
                for case .version(let key, _) in changeset.preconditions {
                    guard let value = try base.value(key) else { continue }
                    _ = try await base.commit(Changeset(.put(key, value)))
                }
            }
        }
    }

    /// Listed changes that count how often they are asked for.
    private final class CountedChanges: ChangeSource {
        let changes: ListedChanges
        let asked = Locked(0)

        init(_ changes: ListedChanges) { self.changes = changes }

        var order: [Int] { changes.order }

        func creation(at place: Int) -> NewResource? { changes.creation(at: place) }

        func step(at place: Int, _ pace: WorkPace) -> ChangeStep {
            asked.withLock { $0 += 1 }
            return changes.step(at: place, pace)
        }

        var tenant: UInt32 { changes.tenant }
    }

    @Test(
        "B-04, V-03, RFC 7644 §3.7.1: work stays in proportion to the changes if all commits of several conflict"
    )
    func proportion() async throws {
        let bench = try await SeriesBench(ContendedStore())
        let user = bench.directory.makeID()
        _ = try await bench.directory.perform(bench.user(user, "ann"))
        let steps = try (0..<64).map { ChangeStep(try bench.retitle(user, "\($0)")) }
        let source = CountedChanges(ListedChanges(steps: steps, access: bench.access))
        let outcomes = await ChangeSeries(source, in: bench.directory).run()
        let failures = outcomes.filter { if case .success? = $0 { false } else { true } }
        #expect(failures.isEmpty)
        #expect(source.asked.withLock(\.self) < 8 * steps.count)
        #expect(try bench.findings() == [])
    }

    @Test(
        "B-04: references to later operations are given up if the commits that they need conflict again and again"
    )
    func references() async throws {
        let bench = try await SeriesBench(ContendedStore())
        let (user, late) = (bench.directory.makeID(), bench.directory.makeID())
        _ = try await bench.directory.perform(bench.user(user, "ann"))
        var steps = try (0..<20).map { ChangeStep(try bench.retitle(user, "\($0)"), references: [20]) }
        steps.append(ChangeStep(try bench.user(late, "late")))
        let outcomes = await bench.series(steps).run()
        let errors = outcomes.map { outcome -> DirectoryError? in
            if case .failure(let error)? = outcome { error } else { nil }
        }
        #expect(errors.prefix(16).allSatisfy { $0 == .busy })
        #expect(errors[16..<20].allSatisfy { $0 == .unmade(20) })
        #expect(errors[20] == nil)
        #expect(try bench.findings() == [])
    }
}
