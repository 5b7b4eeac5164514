import Counting
import HTTP

/// What a server has answered since its start, over all loops.
package struct AnswerFigures: Sendable {
    /// Bounds of ``durations``, in nanoseconds: 100 µs to 10 s.
    package static let bounds = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    /// Who was answered.
    package enum Tenant: Sendable, Hashable {
        case nobody
        case number(UInt32)
        /// All those together that have no place of their own.
        case others
    }

    /// Numbers of answers that have the same labels.
    package struct Count: Sendable {
        package let route: Int
        /// A place: ``HTTP/Method/place``, ``HTTP/Status/place``.
        package let method: Int
        package let status: Int
        package let tenant: Tenant
        package let count: Int
    }

    /// From when the loop could see a request until the first part of its answer was there.
    package struct Durations: Sendable {
        package let route: Int
        package let method: Int
        package var reading: BucketCounter.Reading
    }

    /// Those that are not 0.
    package private(set) var counts: [Count] = []
    package private(set) var durations: [Durations] = []
    /// By ``HTTP/AnswerMark/reason``; the first stands for none and stays 0.
    package private(set) var refusals = [Int](repeating: 0, count: AnswerMark.reasonsMax)

    init(_ loops: [AnswerCounters], tenants: [UInt32]) {
        struct Key: Hashable { var tenant, route, method, status: Int }
        var totals: [Key: Int] = [:]
        var readings: [Key: BucketCounter.Reading] = [:]
        for loop in loops {
            let all = loop.all
            for part in all.parts {
                for method in 0..<Method.placesMax {
                    for status in 0..<Status.placesMax {
                        let count = part.count(method, status)
                        guard count > 0 else { continue }
                        let key = Key(tenant: part.tenant, route: part.route, method: method, status: status)
                        totals[key, default: 0] += count
                    }
                }
            }
            for durations in all.durations {
                for (method, counter) in durations.byMethod.enumerated() {
                    let reading = counter.reading
                    guard reading.count > 0 else { continue }
                    let key = Key(tenant: 0, route: durations.route, method: method, status: 0)
                    if readings[key] == nil { readings[key] = reading } else { readings[key]? += reading }
                }
            }
            for reason in 1..<AnswerMark.reasonsMax { refusals[reason] += loop.refusals(reason) }
        }
        counts = totals.map { key, count in
            Count(
                route: key.route,
                method: key.method,
                status: key.status,
                tenant: Self.tenant(key.tenant, tenants),
                count: count
            )
        }
        durations = readings.map { key, reading in
            Durations(route: key.route, method: key.method, reading: reading)
        }
    }

    private static func tenant(_ place: Int, _ numbers: [UInt32]) -> Tenant {
        let index = place - TenantPlaces.firstListed
        if numbers.indices.contains(index) { return .number(numbers[index]) }
        return place == TenantPlaces.nobody ? .nobody : .others
    }
}
