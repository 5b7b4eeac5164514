import Reactor
import Testing

@testable import Load

@Suite("Schedule of an open loop")
struct ScheduleTests {
    private let start = LoopInstant(nanoseconds: 1_000)

    private func due(_ schedule: inout Schedule) -> [Int64] {
        var moments: [Int64] = []
        while let due = schedule.nextDue {
            moments.append(due.nanoseconds)
            schedule.advance()
        }
        return moments
    }

    @Test("Workers take turns, so that together they send at the rate")
    func turns() {
        let end = start.advanced(by: .seconds(1))
        var all: [Int64] = []
        for worker in 0..<3 {
            var schedule = Schedule(perSecond: 300, worker: worker, of: 3, from: start, until: end)
            let moments = due(&schedule)
            #expect(moments.count == 100)
            all += moments
        }
        all.sort()
        #expect(all.first == 1_000)
        for (one, next) in zip(all, all.dropFirst()) { #expect(abs(next - one - 3_333_333) <= 1) }
    }

    @Test("Rates do not drift over a day")
    func drift() {
        let end = start.advanced(by: .seconds(86_400))
        var schedule = Schedule(perSecond: 7, worker: 0, of: 1, from: start, until: end)
        #expect(due(&schedule).count == 7 * 86_400)
    }

    @Test("What is overdue at the end is told by its number and its longest wait")
    func overdue() {
        let end = start.advanced(by: .seconds(1))
        var schedule = Schedule(perSecond: 10, worker: 0, of: 1, from: start, until: end)
        for _ in 0..<4 { schedule.advance() }
        #expect(schedule.overdue.count == 6)
        #expect(schedule.overdue.longest == 600_000_000)
        for _ in 0..<6 { schedule.advance() }
        #expect(schedule.overdue.count == 0)
    }
}
