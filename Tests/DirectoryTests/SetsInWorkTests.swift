import Storage
import Testing

@testable import Directory

@Suite("Sets of memberships in work")
struct SetsInWorkTests {
    private let sets = SetsInWork()
    private let set = UniqueID(high: 1, low: 2)

    @Test("A set is one change's until that ends, and another cannot end it")
    func oneAtATime() {
        #expect(sets.insert(set))
        #expect(!sets.insert(set) && sets.contains(set))
        #expect(sets.insert(UniqueID(high: 1, low: 3)))
        sets.remove(set)
        #expect(!sets.contains(set) && sets.insert(set))
    }

    @Test("Nobody waits for a set that is in no work")
    func noWork() async {
        #expect(await !sets.waitForEnd(of: set))
        sets.insert(set)
        sets.remove(set)
        #expect(await !sets.waitForEnd(of: set))
    }
}
