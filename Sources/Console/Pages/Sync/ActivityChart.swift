import JSON

/// Counts by day as bars, drawn by the server, with the figures as a table.
struct ActivityChart: View {
    struct Bar: View {
        let x: Int
        let y: Int
        let height: Int
        let failedY: Int
        let failedHeight: Int
        let label: String
    }

    struct Day: View {
        let day: String
        let created: Int
        let updated: Int
        let deactivated: Int
        let deleted: Int
        let memberships: Int
        let failed: Int
    }

    let bars: [Bar]
    let days: [Day]
    let hasDays: Bool
    let highest: Int

    /// Heights and places in the drawing's own units.
    static let height = 120
    static let step = 24

    init(_ activity: JSONObject) {
        var days: [String: [String: Int]] = [:]
        let names = [
            "created", "updated", "deactivated", "deleted", "membershipChanges", "credentialFailures",
            "refused",
            "serverFailures", "limited",
        ]
        for hour in activity.objects("hours") {
            let day = String(hour.text("hour").prefix(10))
            for name in names { days[day, default: [:]][name, default: 0] += hour.integer(name) }
        }
        self.days = days.sorted { $0.key < $1.key }.map { day, counts in
            func count(_ name: String) -> Int { counts[name] ?? 0 }
            return Day(
                day: day,
                created: count("created"),
                updated: count("updated"),
                deactivated: count("deactivated"),
                deleted: count("deleted"),
                memberships: count("membershipChanges"),
                failed: count("credentialFailures") + count("refused") + count("serverFailures")
                    + count("limited")
            )
        }
        hasDays = !self.days.isEmpty
        let highest = max(1, self.days.map { $0.changes + $0.failed }.max() ?? 0)
        self.highest = highest
        bars = self.days.enumerated().map { index, day in
            let height = day.changes * Self.height / highest
            let failed = day.failed * Self.height / highest
            return Bar(
                x: index * Self.step,
                y: Self.height - height,
                height: height,
                failedY: Self.height - height - failed,
                failedHeight: failed,
                label: "\(day.day): \(day.changes) changes, \(day.failed) failures"
            )
        }
    }
}

extension ActivityChart.Day {
    var changes: Int { created + updated + deactivated + deleted + memberships }
}
