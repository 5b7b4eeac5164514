import Audit
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("A tenant's activity")
struct TenantActivityTests {
    private static let start: Int64 = 1_795_000_000_000_000

    private static func exchange(
        _ number: Int,
        status: UInt16 = 200,
        token: String? = "0123456789ab",
        route: ActivityRoute = .users
    ) -> ActivityExchange {
        var exchange = ActivityExchange(
            at: Timestamp(microseconds: start + Int64(number)),
            method: .post,
            route: route,
            status: status,
            keyword: status == 409 ? .uniqueness : nil,
            reason: status == 409 ? .uniqueness : nil,
            tokenID: token,
            client: .okta,
            requestID: UniqueID(high: .max, low: .max)
        )
        exchange.sequence = UInt64(number)
        return exchange
    }

    @Test("Equal neighbours are one, with a count, both times and the last number; what differs is not")
    func coalescing() {
        var activity = TenantActivity()
        for number in 1...5 { activity.note(Self.exchange(number)) }
        activity.note(Self.exchange(6, status: 409))
        activity.note(Self.exchange(7))
        let exchanges = activity.exchanges
        #expect(exchanges.map(\.count) == [5, 1, 1])
        #expect(exchanges.map(\.sequence) == [5, 6, 7])
        #expect(exchanges[0].first.microseconds == Self.start + 1)
        #expect(exchanges[0].time.microseconds == Self.start + 5)
        #expect(activity.hours.map { $0.counts[.requests] } == [7])
        #expect(activity.hours.map { $0.counts[.refused] } == [1])
    }

    @Test("An exchange like another one is noted as if it had been made for itself")
    func again() {
        var (activity, other) = (TenantActivity(), TenantActivity())
        let kinds = [
            Self.exchange(1), Self.exchange(1, route: .user), Self.exchange(1, status: 409),
            Self.exchange(1, token: nil), Self.exchange(1, status: 401),
        ]
        for (number, kind) in [0, 0, 1, 0, 0, 2, 2, 3, 3, 0, 4, 1, 1].enumerated() {
            let again = ActivityExchange.Again(
                sequence: UInt64(number),
                time: Timestamp(microseconds: Self.start + Int64(number) * 3_000_000_000),
                requestID: UniqueID(high: 1, low: UInt64(number))
            )
            activity.note(kinds[kind], again)
            other.note(kinds[kind].repeated(again))
            #expect(activity == other)
        }
        #expect(TenantActivity(row: activity.encoded.span) == activity)
    }

    @Test("The last 64 exchanges are kept, and strangers drive none of them out")
    func rings() {
        var activity = TenantActivity()
        for number in 0..<100 { activity.note(Self.exchange(number, status: number % 2 == 0 ? 200 : 201)) }
        for number in 100..<300 {
            activity.note(
                Self.exchange(number, status: number % 2 == 0 ? 401 : 404, token: nil, route: .unknown)
            )
        }
        let (known, strange) = (
            activity.exchanges.filter { $0.tokenID != nil }, activity.exchanges.filter { $0.tokenID == nil }
        )
        #expect(known.map(\.sequence) == (36..<100).map { UInt64($0) })
        #expect(strange.map(\.sequence) == (284..<300).map { UInt64($0) })
    }

    @Test("A fuller activity than there can be fits into a row, which tells all but the oldest hours")
    func full() throws {
        var activity = TenantActivity()
        for number in 0..<200 {
            let token = number % 3 == 0 ? nil : String(repeating: "a", count: 12)
            let exchange = Self.exchange(number, status: UInt16(400 + number % 2), token: token)
            activity.note(exchange)
            activity.note(
                ActivityFailure(exchange, detail: 3, resource: UniqueID(high: 1, low: 2)),
                isOperation: false
            )
        }
        var counts = ActivityCounts()
        for counter in ActivityCounter.allCases { counts[counter] = .max }
        for hour in 0..<2_000 {
            activity.count(counts, at: Timestamp(microseconds: Self.start + Int64(hour) * 3_600_000_000))
        }
        #expect(activity.hours.count == TenantActivity.hoursMax)
        let row = activity.encoded
        #expect(row.count <= TenantActivity.rowBytesMax)
        let found = TenantActivity(row: row.span)
        let read = try #require(found)
        #expect(read.exchanges == activity.exchanges)
        #expect(read.failures == activity.failures)
        #expect(read.tokens == activity.tokens)
        #expect(read.hours == activity.hours.suffix(read.hours.count))
        #expect(read.hours.count > 200)
        #expect(read.encoded == row)
    }

    @Test("A row that is cut, longer, or of another format is refused")
    func damaged() {
        var activity = TenantActivity()
        activity.note(Self.exchange(1, status: 409))
        let row = activity.encoded
        func isRead(_ row: [UInt8]) -> Bool { TenantActivity(row: row.span) != nil }
        #expect(isRead(row))
        for length in 0..<row.count { #expect(!isRead(Array(row[..<length]))) }
        #expect(!isRead(row + [0]))
        #expect(!isRead([3] + row.dropFirst()))
        #expect(!isRead([0] + row.dropFirst()))
    }

    @Test("What was stored and what came later make one, in which nothing is lost or doubled")
    func adding() {
        var (first, second, whole) = (TenantActivity(), TenantActivity(), TenantActivity())
        for number in 0..<10 {
            let exchange = Self.exchange(number, status: number < 7 ? 200 : 409)
            whole.note(exchange)
            if number < 5 { first.note(exchange) } else { second.note(exchange) }
        }
        first.add(second)
        #expect(first == whole)
        #expect(first.exchanges.map(\.count) == [7, 3])
    }

    @Test("Hours that are more than 31 days past are forgotten")
    func forgetting() {
        var activity = TenantActivity()
        activity.note(Self.exchange(0))
        let days = { (days: Int64) in Timestamp(microseconds: Self.start + days * 86_400_000_000) }
        activity.forgetHours(before: days(30))
        #expect(activity.hours.count == 1)
        activity.forgetHours(before: days(32))
        #expect(activity.hours.isEmpty)
    }
}
