import HTTP
import Identity
import JSON
import Locking
import TestSupport

/// A relying party with a provider that does what a test tells it.
struct TestFlow {
    let provider = TestProvider()
    let party: RelyingParty

    /// What the first sign-in of ``begin()`` has as its nonce: the random bytes are counted.
    var nonce: String { Base64URL.text([UInt8](repeating: 2, count: 32)) }
    var verifier: String { Base64URL.text([UInt8](repeating: 3, count: 32)) }

    init(
        authentication: RelyingPartyConfiguration.Authentication = .basic(secret: "s3cr:et/ü"),
        signedOutURI: String? = "https://scim.example:8444/signed-out",
        rolesClaim: String? = nil
    ) throws {
        let counter = Counter()
        party = RelyingParty(
            try RelyingPartyConfiguration(
                issuer: TestProvider.issuer,
                clientID: TestProvider.clientID,
                authentication: authentication,
                redirectURI: TestProvider.redirectURI,
                signedOutURI: signedOutURI,
                rolesClaim: rolesClaim
            ),
            client: provider,
            random: { count in [UInt8](repeating: counter.next(), count: count) }
        )
    }

    /// A sign-in, and the answer that would let it in.
    func begin(at now: Int64 = TestProvider.now) throws -> (PendingSignIn, [Target.QueryItem]) {
        let (pending, _) = try party.beginSignIn(at: now)
        return (pending, Self.answer(pending.state))
    }

    static func answer(_ state: String, _ more: (String, String)...) -> [Target.QueryItem] {
        ([("state", state), ("code", "c0de")] + more).map { Target.QueryItem(name: $0.0, value: $0.1) }
    }

    /// Has the provider answer the code of the first sign-in as it should.
    func answerRight(_ key: SigningKey = .rsa, keyID: String = "k1") {
        let token = TestToken.make(
            TestToken.claims(nonce: nonce),
            header: ["alg": "RS256", "kid": .string(keyID)],
            key: key
        )
        provider.change {
            $0.tokens = ["token_type": "bearer", "id_token": .string(token), "access_token": "at"]
        }
    }
}

/// Numbers from 1 on, for random bytes that a test knows.
private final class Counter: Sendable {
    private let value = Locked<UInt8>(0)

    func next() -> UInt8 {
        value.withLock { value in
            value &+= 1
            return value
        }
    }
}
