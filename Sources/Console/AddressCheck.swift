import HTTP
import Locking

/// Finds out whether clients can reach the server by the address that they are given.
///
/// What stands in front of the server, such as a proxy whose certificate has ended, is not seen by the server: whoever is
/// refused there never gets to it. So the console goes the same way, shows no credential, and asks for nothing of a tenant.
final class AddressCheck: Sendable {
    /// After how many microseconds it is looked anew.
    private static let renewalAge: Int64 = 60_000_000
    /// For how long pages show what was found out, while it is looked anew, in microseconds.
    private static let ageMax: Int64 = 600_000_000
    /// How long a page waits that has nothing to show, and in what steps.
    private static let waitsMax = 15
    private static let waitStep = Duration.milliseconds(100)

    private struct State {
        /// The address that is looked at now.
        var underWay: String?
        var known: Finding?
    }

    private struct Finding {
        let address: String
        /// Empty if the address is fine.
        let sentence: String
        let time: Int64
    }

    private let state = Locked(State())
    private let client: any HTTPClient
    private let environment: ConsoleEnvironment

    init(_ client: any HTTPClient, _ environment: ConsoleEnvironment) {
        self.client = client
        self.environment = environment
    }

    /// What is wrong with the address of a Tenant URL; empty if nothing is, and while it is not known.
    ///
    /// All tenants share one address, so one is remembered.
    func sentence(for tenantURL: String) async -> String {
        guard let address = Self.address(of: tenantURL) else { return "" }
        for _ in 0..<Self.waitsMax {
            let (finding, mustLook) = look(for: address)
            if mustLook { Task { await self.check(address) } }
            if let finding { return finding.sentence }
            try? await Task.sleep(for: Self.waitStep)
        }
        return ""
    }

    /// `https://HOST:PORT/`; nil where no TLS is spoken, which is for tests.
    private static func address(of tenantURL: String) -> String? {
        let scheme = "https://"
        guard tenantURL.hasPrefix(scheme) else { return nil }
        return scheme + tenantURL.dropFirst(scheme.count).prefix { $0 != "/" } + "/"
    }

    /// What is known of an address, and whether the caller is to look anew: of many, one is.
    private func look(for address: String) -> (finding: Finding?, mustLook: Bool) {
        let now = environment.now()
        return state.withLock { state in
            let known = state.known.flatMap {
                $0.address == address && now - $0.time < Self.ageMax ? $0 : nil
            }
            let isFresh = known.map { now - $0.time < Self.renewalAge } ?? false
            let mustLook = !isFresh && state.underWay != address
            if mustLook { state.underWay = address }
            return (known, mustLook)
        }
    }

    private func check(_ address: String) async {
        let found = await environment.outgoing.run(for: 0) { [client] in Self.finding(at: address, client) }
        let now = environment.now()
        state.withLock { state in
            if state.underWay == address { state.underWay = nil }
            if let found { state.known = Finding(address: address, sentence: found, time: now) }
        }
    }

    /// The server knows no such endpoint, and says so as only it does.
    private static func finding(at address: String, _ client: any HTTPClient) -> String {
        do throws(ExchangeError) {
            guard let url = RemoteURL(address) else { return "" }
            let response = try client.exchange(OutgoingRequest(.get, url))
            let isOurs = response.fields[.contentType]?.hasPrefix("application/scim+json") == true
            return isOurs
                ? ""
                : "Something else than the SCIM server answers at \(url.host), with \(response.status.code): whatever stands in "
                    + "front of the server does not lead to it."
        } catch {
            return sentence(of: error)
        }
    }

    private static func sentence(of error: ExchangeError) -> String {
        switch error {
        case .untrusted(let host, let reason):
            "The certificate that \(host) shows is not accepted (\(reason)), and the provider will not accept it either: renew "
                + "it where TLS ends, which may be a proxy."
        case .notSecure: ""
        default: "From here the address of the Tenant URL cannot be used: \(error)."
        }
    }
}
