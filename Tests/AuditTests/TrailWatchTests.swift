import Audit
import Testing

@Suite("What the operator is told of a trail that is not delivered")
struct TrailWatchTests {
    private func status(_ state: AuditState, waiting: UInt64 = 7, seconds: Int = 35) -> AuditStatus {
        var status = AuditStatus()
        (status.state, status.undelivered, status.oldestAge) = (state, waiting, .seconds(seconds))
        return status
    }

    @Test("It is said once, again every minute, at once when it gets worse, and when it is over")
    func notices() {
        var watch = TrailWatch()
        var told: [(second: Int, notice: TrailWatch.Notice)] = []
        for second in 0..<300 {
            let state: AuditState =
                second < 30 ? .behind : second < 160 ? .degraded : second < 200 ? .refusing : .ok
            if let notice = watch.notice(status(state), at: .seconds(second)) {
                told.append((second, notice))
            }
        }
        #expect(told.map(\.second) == [30, 90, 150, 160, 200])
        #expect(told[0].notice == .trouble("audit records that wait for the journal: 7, the oldest for 35 s"))
        #expect(
            told[3].notice
                == .trouble(
                    "changes are refused; audit records that wait for the journal: 7, the oldest for 35 s"
                )
        )
        #expect(told[4].notice == .over)
    }

    @Test("A trail that is only behind is nobody's trouble")
    func behind() {
        var watch = TrailWatch()
        for second in 0..<300 {
            #expect(watch.notice(status(second % 2 == 0 ? .ok : .behind), at: .seconds(second)) == nil)
        }
    }

    @Test("A store that is an older copy is told of at once, with what to do, and again every minute")
    func rolledBack() {
        var watch = TrailWatch()
        var status = AuditStatus()
        status.isRolledBack = true
        guard case .trouble(let text) = watch.notice(status, at: .seconds(1)) else {
            Issue.record("nothing is told")
            return
        }
        #expect(text.contains("pharos-scim audit restored"))
        #expect(watch.notice(status, at: .seconds(2)) == nil)
        #expect(watch.notice(status, at: .seconds(62)) != nil)
    }
}
