import HTTP
import Identity
import Locking

/// Signs people in with their identity provider, and says what they may do.
final class ProviderSignIn: Sendable {
    /// Sign-ins that wait for the provider's answer; beyond it the oldest is given up.
    static let pendingMax = 4_096
    /// Calls to the provider of one tenant at a time: one that does not answer keeps no other tenant from its own.
    static let callsMax = 2
    /// Seconds for which the page behind a sign-out may ask the provider for its own, and how many such pages are expected.
    private static let signOutSeconds: Int64 = 60
    private static let signOutsMax = 1_024

    /// A sign-in that has begun.
    private struct Begun: Sendable {
        /// Nil for operators.
        let tenant: String?
        let pending: PendingSignIn
        let at: Int64
    }

    private struct State {
        var settings: SignInSettings
        var parties: [String: RelyingParty] = [:]
        /// By the digest of what the browser's cookie holds.
        var begun: [[UInt8]: Begun] = [:]
        /// Calls that are under way, by tenant; the empty name is the operators'.
        var calls: [String: Int] = [:]
        /// Who has signed out just now, by a number that the page behind it shows.
        var signOuts: [String: (tenant: String?, at: Int64)] = [:]
    }

    private let client: any HTTPClient
    private let environment: ConsoleEnvironment
    private let state: Locked<State>

    init(_ settings: SignInSettings, client: any HTTPClient, _ environment: ConsoleEnvironment) {
        state = Locked(State(settings: settings))
        self.client = client
        self.environment = environment
    }

    private var settings: SignInSettings { state.withLock(\.settings) }

    /// Puts other settings in the place of those in use; what has been read of the providers is read again.
    func replace(_ settings: SignInSettings) {
        state.withLock { state in
            state.settings = settings
            state.parties = [:]
        }
    }

    /// Whether anybody signs in by a provider.
    var isOffered: Bool { settings.operators != nil || !settings.tenants.isEmpty }
    var isOfferedToOperators: Bool { settings.operators != nil }

    func isOffered(to tenant: String) -> Bool { settings.tenants[tenant] != nil }

    /// Begins a sign-in.
    ///
    /// `tenant`: nil for an operator.
    /// - Returns: what the browser's cookie holds until the answer comes, and where the browser goes.
    func begin(_ tenant: String?) async throws(ConsoleFault) -> (cookie: String, url: String) {
        let party = try party(tenant)
        let now = environment.now() / 1_000_000
        let (pending, url) = try await waiting(tenant) { () throws(SignInError) in
            try party.beginSignIn(at: now)
        }
        let cookie = environment.secret()
        state.withLock { state in
            state.begun = state.begun.filter { !$0.value.pending.isOver(at: now) }
            if state.begun.count >= Self.pendingMax,
                let oldest = state.begun.min(by: { $0.value.at < $1.value.at })
            {
                state.begun[oldest.key] = nil
            }
            state.begun[digest(cookie)] = Begun(tenant: tenant, pending: pending, at: now)
        }
        return (cookie, url)
    }

    /// How a sign-in ended.
    enum Outcome: Sendable {
        case signedIn(SignedIn)
        /// The provider vouches for the person, but nobody has given them a role.
        case noRole(Person, Scope)
        /// The provider's answer was not accepted, with the reason as a sentence.
        case refused(Scope, String)
    }

    /// Finishes a sign-in with what the browser brought from the provider; once for each that has begun.
    func finish(
        _ parameters: [Target.QueryItem],
        _ cookie: String
    ) async throws(ConsoleFault) -> Outcome {
        guard let begun = state.withLock({ $0.begun.removeValue(forKey: digest(cookie)) }) else {
            throw .invalid("This sign-in was not begun in this browser, or its time is over. Begin it again.")
        }
        let party = try party(begun.tenant)
        let now = environment.now() / 1_000_000
        let scope = begun.tenant.map(Scope.tenant) ?? .everything
        let claims: IDTokenClaims
        do throws(ConsoleFault) {
            claims = try await waiting(begun.tenant) { () throws(SignInError) in
                try party.finishSignIn(parameters, for: begun.pending, at: now).claims
            }
        } catch .invalid(let sentence) {
            return .refused(scope, sentence)
        }
        guard let provider = provider(begun.tenant) else { throw Self.notOffered }
        guard let admitted = admit(claims, to: scope) else { return .noRole(person(claims, provider), scope) }
        return .signedIn(
            SignedIn(person: admitted.person, role: admitted.role, scope: scope, claims: claims)
        )
    }

    /// Who a person is here, and what they may do by the settings in use; nil if that is nothing.
    func admit(_ claims: IDTokenClaims, to scope: Scope) -> (person: Person, role: Role)? {
        guard let provider = provider(scope.tenant), provider.relyingParty.issuer == claims.issuer,
            let role = Self.role(of: claims, provider)
        else { return nil }
        return (person(claims, provider), role)
    }

    /// Expects the page behind a sign-out, which then shows where the browser signs out of the provider too.
    ///
    /// - Returns: the number by which it asks.
    func expectSignOut(from tenant: String?) -> String {
        let number = String(environment.secret().prefix(32))
        let now = environment.now() / 1_000_000
        state.withLock { state in
            state.signOuts = state.signOuts.filter { now - $0.value.at < Self.signOutSeconds }
            if state.signOuts.count < Self.signOutsMax { state.signOuts[number] = (tenant, now) }
        }
        return number
    }

    /// Where a browser signs out of the provider; nil if there is no such place, or nobody is expected by the number (any more).
    func signOutURL(_ number: String) async -> String? {
        guard let expected = state.withLock({ $0.signOuts.removeValue(forKey: number) }) else { return nil }
        return await signOutURL(of: expected.tenant)
    }

    private func signOutURL(of tenant: String?) async -> String? {
        guard let party = try? party(tenant) else { return nil }
        let now = environment.now() / 1_000_000
        let begun = try? await waiting(tenant) { () throws(SignInError) in
            try party.beginSignOut(at: now)?.url
        }
        return begun.flatMap { $0 }
    }

    /// The highest of a person's roles; nil if there is none.
    private static func role(of claims: IDTokenClaims, _ provider: SignInSettings.Provider) -> Role? {
        var names = Set(claims.roles + [claims.subject])
        // An address that the provider has not verified may be anybody's.
        if let email = claims.email, claims.isEmailVerified != false { names.insert(email.lowercased()) }
        return Role.allCases.first { !(provider.people[$0]?.isDisjoint(with: names) ?? true) }
    }

    private func person(_ claims: IDTokenClaims, _ provider: SignInSettings.Provider) -> Person {
        let name = claims.name ?? claims.email ?? claims.preferredUsername ?? claims.subject
        if !provider.recordsDigests, claims.isEmailVerified != false, let email = claims.email,
            Person.isRecordableAddress(email)
        {
            return Person(id: email, name: name)
        }
        let text = "\(provider.digestKey)\n\(claims.issuer)\n\(claims.subject)"
        let digits = environment.sha256(Array(text.utf8)).prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        return Person(id: "person." + digits.joined(), name: name)
    }

    private func provider(_ tenant: String?) -> SignInSettings.Provider? { settings.provider(of: tenant) }

    private func party(_ tenant: String?) throws(ConsoleFault) -> RelyingParty {
        let party = state.withLock { state -> RelyingParty? in
            let key = tenant ?? ""
            if let party = state.parties[key] { return party }
            guard let provider = state.settings.provider(of: tenant) else { return nil }
            let party = RelyingParty(provider.relyingParty, client: client)
            state.parties[key] = party
            return party
        }
        guard let party else { throw Self.notOffered }
        return party
    }

    private static let notOffered = ConsoleFault.invalid(
        "There is no sign-in by an identity provider here. Ask an operator for a one-time link."
    )

    /// Asks a tenant's provider, on a thread that may wait.
    private func waiting<R: Sendable>(
        _ tenant: String?,
        _ body: @escaping @Sendable () throws(SignInError) -> R
    ) async throws(ConsoleFault) -> R {
        let key = tenant ?? ""
        let mayCall = state.withLock { state in
            guard state.calls[key, default: 0] < Self.callsMax else { return false }
            state.calls[key, default: 0] += 1
            return true
        }
        guard mayCall else { throw .tooMany(seconds: 5) }
        defer {
            state.withLock { state in
                state.calls[key, default: 1] -= 1
                if state.calls[key] == 0 { state.calls[key] = nil }
            }
        }
        // One account for all: that a provider hangs is bounded above, and the threads are shared by turns.
        let result = await environment.outgoing.run(for: 0) { () -> Result<R, SignInError> in
            do throws(SignInError) { return .success(try body()) } catch { return .failure(error) }
        }
        guard let result else { throw .tooMany(seconds: 5) }
        do throws(SignInError) { return try result.get() } catch { throw .invalid(error.description) }
    }

    private func digest(_ secret: String) -> [UInt8] { environment.sha256(Array(secret.utf8)) }
}
