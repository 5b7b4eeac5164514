import Service
import Testing

@Suite("Token buckets")
struct TokenBucketTests {
    private let second: Int64 = 1_000_000_000

    @Test("A burst is let through, then what the rate brings, and no more")
    func rate() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 5, burst: 3), keysMax: 10)
        var taken = 0
        for millisecond in 0..<10_000 as Range<Int64> {
            if buckets.take(of: 1, at: 7 * second + millisecond * 1_000_000) == nil { taken += 1 }
        }
        #expect(taken == 3 + 49)
    }

    @Test("It is told when there is a token again, and then there is one")
    func waiting() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 2, burst: 1), keysMax: 10)
        #expect(buckets.take(of: 1, at: 0) == nil)
        #expect(buckets.wait(of: 1, at: 100_000_000) == 400_000_000)
        #expect(buckets.take(of: 1, at: 100_000_000) == 400_000_000)
        #expect(buckets.take(of: 1, at: 499_999_999) == 1)
        #expect(buckets.wait(of: 1, at: 500_000_000) == nil)
        #expect(buckets.take(of: 1, at: 500_000_000) == nil)
    }

    @Test("What takes more than there is leaves a debt")
    func debt() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 10, burst: 10), keysMax: 10)
        #expect(buckets.take(of: 1, at: 0) == nil)
        buckets.charge(99, to: 1, at: 0)
        #expect(buckets.take(of: 1, at: 9 * second) == 100_000_000)
        #expect(buckets.take(of: 1, at: 9 * second + 100_000_000) == nil)
    }

    @Test("Another rate holds at once and begins with full buckets; the same one changes nothing")
    func replacing() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 1, burst: 1), keysMax: 10)
        #expect(buckets.take(of: 1, at: 0) == nil)
        buckets.replace(Rate(perSecond: 1, burst: 1))
        #expect(buckets.take(of: 1, at: 0) == second)
        buckets.replace(Rate(perSecond: 10, burst: 2))
        #expect((0..<3).map { _ in buckets.take(of: 1, at: 0) } == [nil, nil, 100_000_000])
        buckets.replace(nil)
        #expect((0..<100).allSatisfy { _ in buckets.take(of: 1, at: 0) == nil })
        buckets.charge(1_000, to: 1, at: 0)
        #expect(buckets.wait(of: 1, at: 0) == nil)
    }

    @Test("A quiet time fills a bucket to its burst, and no further")
    func full() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 1, burst: 4), keysMax: 10)
        for now in [0, 1_000 * second] {
            for _ in 0..<4 { #expect(buckets.take(of: 1, at: now) == nil) }
            #expect(buckets.take(of: 1, at: now) != nil)
        }
    }

    @Test("Keys have buckets of their own as long as the table has room; then new ones share one")
    func boundedTable() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 1, burst: 2), keysMax: 100)
        for key in 0..<100 { #expect(buckets.take(of: key, at: 0) == nil) }
        var taken = 0
        for key in 100..<100_000 where buckets.take(of: key, at: 0) == nil { taken += 1 }
        #expect(taken == 2)
        #expect(buckets.count == 100)
        // Who had a bucket has it still.
        for key in 0..<100 { #expect(buckets.take(of: key, at: 0) == nil) }
    }

    @Test("Full buckets make room for new ones, the others stay as they are")
    func eviction() {
        let buckets = TokenBuckets<Int>(Rate(perSecond: 1, burst: 2), keysMax: 100)
        for key in 0..<99 { #expect(buckets.take(of: key, at: 0) == nil) }
        buckets.charge(10, to: 99, at: 0)
        #expect(buckets.take(of: 200, at: 2 * second) == nil)
        #expect(buckets.count == 2)
        #expect(buckets.take(of: 99, at: 2 * second) != nil)
    }
}
