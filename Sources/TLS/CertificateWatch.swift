/// Decides when the operator is told that the certificate ends soon, or has ended.
///
/// A certificate is told of 30, 7 and 1 days before its end, when it has ended, and then every day.
package struct CertificateWatch {
    /// How many days before the end there is something to say.
    package static let warningDays: [Int64] = [30, 7, 1]

    package enum Notice: Equatable {
        /// How long the certificate is still good, in a sentence.
        case endsSoon(String)
        /// Clients refuse it.
        case hasEnded(String)
        /// A certificate that was told of has been replaced by one that lasts.
        case over
    }

    private static let daySeconds: Int64 = 86_400
    /// The certificate that was told of, and at which step.
    private var told: (certificate: Certificate, step: Int64)?

    package init() {}

    /// Takes the certificate in use, at a moment in seconds since 1970; nil if there is nothing new to say.
    package mutating func notice(_ certificate: Certificate, at now: Int64) -> Notice? {
        guard let step = Self.step(certificate, now) else {
            defer { told = nil }
            return told == nil ? nil : .over
        }
        if let told, told.certificate == certificate, told.step <= step { return nil }
        told = (certificate, step)
        let rest = certificate.notAfter - now
        guard rest >= 0 else {
            return .hasEnded("The certificate \(certificate.serialNumber) has ended; clients refuse it.")
        }
        return .endsSoon("The certificate \(certificate.serialNumber) ends in \(Self.text(rest)).")
    }

    /// The step of a certificate: the days of the last warning that is due, or 0 and less once it has ended.
    private static func step(_ certificate: Certificate, _ now: Int64) -> Int64? {
        let rest = certificate.notAfter - now
        if rest < 0 { return (rest + 1) / daySeconds - 1 }
        return warningDays.last { rest <= $0 * daySeconds }
    }

    private static func text(_ seconds: Int64) -> String {
        let days = seconds / daySeconds
        if days > 1 { return "\(days) days" }
        let hours = seconds / 3_600
        return hours == 1 ? "1 hour" : "\(hours) hours"
    }
}
