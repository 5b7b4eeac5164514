import JSON

/// How near the failures of the last hours are to what has Microsoft Entra put a job into quarantine, and what comes if they
/// go on like this.
///
/// Entra looks at a job once it has 5,000 failures, and quarantines it if more than 40 % of the requests failed, or more than
/// 40,000; refused credentials do so at once. In quarantine it calls once a day, and after four weeks no more.
struct QuarantineMeter: View {
    static let failuresMin = 5_000
    static let sharePercentMax = 40
    static let failuresMax = 40_000
    /// Hours with traffic that are looked at.
    static let hours = 24

    let requests: Int
    let failed: Int
    /// Percent of the requests that failed.
    let share: Int
    /// Percent of the way to a quarantine.
    let nearness: Int
    let forecast: String

    init(_ activity: JSONObject) {
        let hours = activity.objects("hours").suffix(Self.hours)
        func sum(_ names: String...) -> Int {
            hours.reduce(0) { sum, hour in names.reduce(sum) { $0 + hour.integer($1) } }
        }
        let credentials = sum("credentialFailures")
        self.init(
            requests: sum("requests"),
            failed: sum("refused", "credentialFailures", "serverFailures"),
            credentials: credentials,
            hours: max(1, hours.count)
        )
    }

    init(requests: Int, failed: Int, credentials: Int, hours: Int) {
        self.requests = requests
        self.failed = failed
        share = requests == 0 ? 0 : min(100, failed * 100 / requests)
        let isMostlyCredentials = requests > 0 && credentials * 2 > requests
        let byShare = share * 100 / Self.sharePercentMax
        let byCount = failed * 100 / Self.failuresMax
        nearness =
            isMostlyCredentials ? 100 : min(100, failed * 100 / Self.failuresMin, max(byShare, byCount))
        forecast = Self.forecast(failed, share, hours, isMostlyCredentials)
    }

    private static func forecast(_ failed: Int, _ share: Int, _ hours: Int, _ isCredentials: Bool) -> String {
        if isCredentials {
            return
                "Most requests show no good token, which may be anybody's; if they are Entra's, it quarantines the job at once."
        }
        guard failed > 0 else { return "Nothing failed." }
        let isShareOver = share > sharePercentMax
        let limit = isShareOver ? failuresMin : failuresMax
        guard failed < limit else { return "Entra has reason to quarantine the job now." }
        let left = (limit - failed) * hours / failed
        let time = left < 48 ? "\(max(1, left)) hours" : "\(left / 24) days"
        return isShareOver
            ? "If it goes on like this, the job reaches \(failuresMin) failures in \(time), and is quarantined."
            : "Less than \(sharePercentMax) % fail, so nothing happens before \(failuresMax) failures: in \(time) if it goes on like this."
    }
}
