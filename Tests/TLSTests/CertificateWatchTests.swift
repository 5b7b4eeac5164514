import TLS
import Testing

@Suite("Certificate watch")
struct CertificateWatchTests {
    private static let day: Int64 = 86_400
    private let certificate = Certificate(serialNumber: "0A", notAfter: 100 * day)

    @Test("Warnings come 30, 7 and 1 days before the end, at the end, and every day after it")
    func steps() {
        var watch = CertificateWatch()
        var told: [Int64] = []
        for hour in stride(from: 50 * Self.day, through: 103 * Self.day, by: 3_600) {
            if watch.notice(certificate, at: hour) != nil { told.append(hour) }
        }
        let expected = [70, 93, 99].map { $0 * Self.day } + [100, 101, 102].map { $0 * Self.day + 3_600 }
        #expect(told == expected)
    }

    @Test("A server that starts late says at once how long the certificate is good")
    func lateStart() {
        var watch = CertificateWatch()
        #expect(
            watch.notice(certificate, at: 97 * Self.day + 60)
                == .endsSoon("The certificate 0A ends in 2 days.")
        )
        #expect(
            watch.notice(certificate, at: 100 * Self.day - 7_300)
                == .endsSoon("The certificate 0A ends in 2 hours.")
        )
        #expect(
            watch.notice(certificate, at: 100 * Self.day + 1)
                == .hasEnded("The certificate 0A has ended; clients refuse it.")
        )
    }

    @Test("A renewed certificate ends the warning, and one that ends soon as well is told of anew")
    func renewal() {
        var watch = CertificateWatch()
        #expect(watch.notice(certificate, at: 95 * Self.day) != nil)
        let short = Certificate(serialNumber: "0B", notAfter: 101 * Self.day)
        #expect(watch.notice(short, at: 95 * Self.day) != nil)
        let long = Certificate(serialNumber: "0C", notAfter: 200 * Self.day)
        #expect(watch.notice(long, at: 95 * Self.day) == .over)
        #expect(watch.notice(long, at: 96 * Self.day) == nil)
    }
}
