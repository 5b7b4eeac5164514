import Audit
import JSON
import Storage
import TestSupport
import Testing

@Suite("Verifying what came since the last time")
struct SinceLastTests {
    private func expectation(
        _ trail: Trail,
        after vouched: TrailReport.Vouched? = nil
    ) -> TrailVerifier.Expectation {
        var expectation = TrailVerifier.Expectation()
        expectation.store = trail.store
        expectation.heads = trail.heads
        expectation.starts = vouched?.heads ?? []
        return expectation
    }

    @Test(
        "G4: from wherever an earlier verification has ended, the rest verifies, with the old records and without them",
        arguments: 0..<4 as Range<UInt64>
    )
    func goesOn(seed: UInt64) async throws {
        let trail = try await Trails.random(seed: seed, records: 300)
        var random = SeededGenerator(seed: seed)
        let end = Int.random(in: 1..<trail.records.count, using: &random)
        var part = expectation(trail)
        part.heads = []
        // What has no checkpoint yet is verified the next time.
        guard let vouched = Trails.verify(Array(trail.records[..<end]), part).vouched else { return }
        let whole = Trails.verify(trail.records, expectation(trail, after: vouched))
        #expect(whole.outcome == .intact, "\(whole.findings)")
        #expect(whole.recordCount < trail.records.count)
        let rest = trail.records.filter { record in
            vouched.heads.first { $0.stream == record["SCIM_STREAM"] }.map { $0.sequence < record.sequence }
                ?? true
        }
        #expect(rest.count == whole.recordCount)
        let alone = Trails.verify(rest, expectation(trail, after: vouched))
        #expect(alone.outcome == .intact, "\(alone.findings)")
        #expect(alone.vouched == Trails.verify(trail.records, expectation(trail)).vouched)
    }

    @Test(
        "G4: what is changed, missing or cut behind the last verification is found, and what lies before it is not looked at"
    )
    func finds() async throws {
        let trail = try await Trails.random(seed: 7, records: 300)
        var part = expectation(trail)
        part.heads = []
        let vouched = try #require(Trails.verify(Array(trail.records[..<200]), part).vouched)
        let acme = try #require(vouched.heads.first { $0.stream == "acme" })
        let places = trail.places(of: "acme")
        let old = try #require(places.first { trail.records[$0].sequence == acme.sequence - 1 })
        let first = try #require(places.first { trail.records[$0].sequence == acme.sequence + 1 })
        func report(_ change: (inout [Trails.Fields]) -> Void) -> TrailReport {
            var records = trail.records
            change(&records)
            return Trails.verify(records, expectation(trail, after: vouched))
        }
        #expect(report { $0[old]["SCIM_STATUS"] = "599" }.outcome == .intact)
        #expect(report { $0[first]["SCIM_STATUS"] = "599" }.outcome == .tampered)
        #expect(report { $0.remove(at: first) }.outcome == .tampered)
        #expect(
            report { $0.removeAll { $0["SCIM_STREAM"] == "acme" && $0.sequence > acme.sequence } }.outcome
                == .tampered
        )
        var forged = report { records in
            records[first]["SCIM_PREV"] = String(repeating: "0", count: 64)
            records[first].rehash()
        }
        #expect(forged.findings.contains { $0.kind == .moved && $0.sequence == acme.sequence + 1 })
        forged = report { $0.removeAll { $0.sequence > 0 } }
        #expect(forged.outcome == .tampered)
    }
}
