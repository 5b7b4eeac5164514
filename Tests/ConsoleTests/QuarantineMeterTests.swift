import JSON
import Testing

@testable import Console

@Suite("How near a quarantine is")
struct QuarantineMeterTests {
    @Test(
        "Both rules count, the share of failures from 5,000 on and their number, and refused tokens at once",
        arguments: [
            (0, 0, 0, 0, "Nothing failed."),
            (1_000, 10, 0, 0, "nothing happens before 40000 failures"),
            (100, 50, 0, 1, "reaches 5000 failures in 99 days"),
            (9_000, 4_500, 0, 90, "reaches 5000 failures in 2 hours"),
            (9_000, 5_000, 0, 100, "reason to quarantine the job now"),
            (1_000_000, 39_999, 0, 99, "in 1 hours"),
            (1_000_000, 40_000, 0, 100, "reason to quarantine the job now"),
            (10, 8, 8, 100, "it quarantines the job at once"),
        ]
    )
    func nearness(requests: Int, failed: Int, credentials: Int, nearness: Int, forecast: String) {
        let meter = QuarantineMeter(
            requests: requests,
            failed: failed,
            credentials: credentials,
            hours: QuarantineMeter.hours
        )
        #expect(meter.nearness == nearness)
        #expect(meter.forecast.contains(forecast), "\(meter.forecast)")
    }

    @Test("Only the last hours with traffic count")
    func hours() throws {
        let hours = (0..<30).map { #"{"requests":10,"refused":\#($0 < 6 ? 10 : 1),"serverFailures":1}"# }
        let json = #"{"hours":[\#(hours.joined(separator: ","))]}"#
        guard case .object(let activity) = try JSONValue(parsing: Array(json.utf8)) else { return }
        let meter = QuarantineMeter(activity)
        #expect(meter.requests == 240 && meter.failed == 48 && meter.share == 20)
    }
}
