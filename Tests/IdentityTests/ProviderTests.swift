import HTTP
import Identity
import JSON
import TestSupport
import Testing

@Suite("Provider: configuration, keys and how often they are asked for")
struct ProviderTests {
    private static let now = TestProvider.now

    private func failure(_ flow: TestFlow, at now: Int64 = now) -> SignInError? {
        do throws(SignInError) {
            try flow.party.checkProvider(at: now)
            return nil
        } catch { return error }
    }

    private func signIn(_ flow: TestFlow, _ key: SigningKey, keyID: String?, at now: Int64) -> SignInError? {
        do throws(SignInError) {
            let (pending, url) = try flow.party.beginSignIn(at: now)
            let nonce = (try? Target(url))?.queryItems.first { $0.name == "nonce" }?.value ?? ""
            var claims = TestToken.claims(nonce: nonce)
            claims["iat"] = .number(JSONNumber(now))
            claims["exp"] = .number(JSONNumber(now + 300))
            var header: JSONObject = ["alg": "RS256"]
            if let keyID { header["kid"] = .string(keyID) }
            let token = TestToken.make(claims, header: header, key: key)
            flow.provider.change { $0.tokens = ["token_type": "Bearer", "id_token": .string(token)] }
            _ = try flow.party.finishSignIn(TestFlow.answer(pending.state), for: pending, at: now)
            return nil
        } catch { return error }
    }

    @Test("Discovery §4.3: the issuer is the configured one to the letter")
    func issuer() throws {
        for issuer in [
            "https://id.example/realms/a/", "https://id.example/realms/b", "https://ID.example/realms/a",
        ] {
            let flow = try TestFlow()
            flow.provider.change { $0.metadata["issuer"] = .string(issuer) }
            #expect(failure(flow) == .provider(.wrongIssuer(expected: TestProvider.issuer, found: issuer)))
        }
        #expect(failure(try TestFlow()) == nil)
    }

    @Test("Endpoints are https URLs; the member is named that is not, or is missing")
    func endpoints() throws {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
            for (value, error) in [
                ("http://id.example/x", ProviderError.notSecure(name)),
                ("http://127.0.0.1/x", .notSecure(name)),
                ("/x", .document(.configuration, .member(name))),
                (1, .document(.configuration, .member(name))),
                ("https://u@id.example/x", .document(.configuration, .member(name))),
                ("javascript:alert(1)", .document(.configuration, .member(name))),
            ] as [(JSONValue, ProviderError)] {
                let flow = try TestFlow()
                flow.provider.change { $0.metadata[name] = value }
                #expect(failure(flow) == .provider(error))
            }
            let flow = try TestFlow()
            flow.provider.change { $0.metadata[name] = nil }
            #expect(
                failure(flow)
                    == (name == "end_session_endpoint"
                        ? nil : .provider(.document(.configuration, .member(name))))
            )
        }
    }

    @Test(
        "A provider that lists what it can, and cannot what is needed, is refused; one that lists nothing is not"
    )
    func abilities() throws {
        for (name, value) in [
            ("response_types_supported", ["token", "id_token"]),
            ("code_challenge_methods_supported", ["plain"]),
            ("id_token_signing_alg_values_supported", ["HS256", "none", "ES384"]),
        ] as [(String, JSONValue)] {
            let flow = try TestFlow()
            flow.provider.change { $0.metadata[name] = value }
            guard case .provider(.unsupported)? = failure(flow) else {
                Issue.record("\(name)")
                continue
            }
            let silent = try TestFlow()
            silent.provider.change { $0.metadata[name] = nil }
            #expect(failure(silent) == nil)
        }
        let flow = try TestFlow(authentication: .post(secret: "s"))
        flow.provider.change { $0.metadata["token_endpoint_auth_methods_supported"] = nil }
        #expect(
            failure(flow)
                == .provider(.authenticationUnsupported("client_secret_post", offered: "client_secret_basic"))
        )
        // Providers with public clients often do not list them.
        #expect(failure(try TestFlow(authentication: .none)) == nil)
    }

    @Test("What is no configuration is refused, and its status named")
    func documents() throws {
        for (answer, error) in [
            (ReceivedResponse(.notFound), ProviderError.status(.configuration, 404)),
            (
                ReceivedResponse(.ok, body: Array("<html>".utf8)),
                .document(.configuration, .json("it does not follow the grammar (byte 0)"))
            ),
            (
                ReceivedResponse(.ok, body: Array(#"{"issuer":"a","issuer":"b"}"#.utf8)),
                .document(.configuration, .json("an object names a member twice (byte 15)"))
            ),
        ] {
            let flow = try TestFlow()
            flow.provider.change { $0.answers[TestProvider.discoveryPath] = answer }
            #expect(failure(flow) == .provider(error))
        }
    }

    @Test(
        "RFC 9111 §5.2.2.1: documents are kept as long as the provider says, from 5 minutes to a day",
        arguments: [
            (nil, 3_600), ("max-age=600", 600), ("public, Max-Age = 7200", 7_200), ("max-age=0", 300),
            ("max-age=1", 300),
            ("no-store, max-age=9000", 300), ("no-cache", 300), ("max-age=99999999999999999999999", 86_400),
            ("max-age=604800", 86_400), ("max-age=-5", 3_600), ("max-age", 3_600), ("max-age=", 3_600),
            (", ,=", 3_600),
        ] as [(String?, Int64)]
    )
    func lifetime(cacheControl: String?, seconds: Int64) throws {
        let flow = try TestFlow()
        flow.provider.change { $0.cacheControl = cacheControl }
        for later in [0, 1, seconds - 1] { try flow.party.checkProvider(at: Self.now + later) }
        #expect(flow.provider.count(TestProvider.discoveryPath) == 1)
        #expect(flow.provider.count("/keys") == 1)
        try flow.party.checkProvider(at: Self.now + seconds)
        #expect(flow.provider.count(TestProvider.discoveryPath) == 2)
        #expect(flow.provider.count("/keys") == 2)
        // A clock that was set back makes nothing last longer.
        try flow.party.checkProvider(at: Self.now - 10)
        #expect(flow.provider.count("/keys") == 3)
    }

    @Test("A new key of the provider is found at the first token that names it")
    func rotation() throws {
        let flow = try TestFlow()
        #expect(signIn(flow, .rsa, keyID: "k1", at: Self.now) == nil)
        flow.provider.change { $0.keys = [TestProvider.key("k2", .otherRSA)] }
        let later = Self.now + 100
        #expect(signIn(flow, .rsa, keyID: "k1", at: later) == nil)
        #expect(signIn(flow, .otherRSA, keyID: "k2", at: later) == nil)
        // The old one is gone with that.
        #expect(signIn(flow, .rsa, keyID: "k1", at: later + 1) == .token(.unknownKey("k1")))
        #expect(flow.provider.count("/keys") == 2)
    }

    @Test("A provider that gives its keys no names may change them too")
    func namelessRotation() throws {
        let flow = try TestFlow()
        flow.provider.change { $0.keys = [TestProvider.key(nil, .rsa)] }
        #expect(signIn(flow, .rsa, keyID: nil, at: Self.now) == nil)
        flow.provider.change { $0.keys = [TestProvider.key(nil, .otherRSA)] }
        #expect(signIn(flow, .otherRSA, keyID: nil, at: Self.now + 100) == nil)
        #expect(flow.provider.count("/keys") == 2)
    }

    @Test("Tokens with made-up keys have the provider asked once a minute, and others still get in")
    func refetchRate() throws {
        let flow = try TestFlow()
        #expect(signIn(flow, .rsa, keyID: "k1", at: Self.now) == nil)
        for second in 0..<180 {
            let failure = signIn(flow, .otherRSA, keyID: "made-up-\(second)", at: Self.now + Int64(second))
            #expect(failure == .token(.unknownKey("made-up-\(second)")))
        }
        // At the start, at the first of them, after one minute and after two.
        #expect(flow.provider.count("/keys") == 4)
        #expect(signIn(flow, .rsa, keyID: "k1", at: Self.now + 180) == nil)
        // A wrong signature under a known name has nobody asked.
        for second in 300..<400 {
            #expect(
                signIn(flow, .otherRSA, keyID: "k1", at: Self.now + Int64(second)) == .token(.wrongSignature)
            )
        }
        #expect(flow.provider.count("/keys") == 4)
    }

    @Test("A provider that is down is asked every few seconds, whoever signs in, and is back at once")
    func failures() throws {
        let flow = try TestFlow()
        let down = ExchangeError.unreachable(host: "id.example", reason: "connect: Connection refused")
        flow.provider.change { $0.failures[TestProvider.discoveryPath] = down }
        for second in 0..<10 {
            #expect(failure(flow, at: Self.now + Int64(second)) == .provider(.exchange(.configuration, down)))
        }
        #expect(flow.provider.count(TestProvider.discoveryPath) == 2)
        flow.provider.change { $0.failures = [:] }
        #expect(failure(flow, at: Self.now + 10) == nil)
    }

    @Test("While the new keys cannot be read, the kept ones are good")
    func keysUnreachable() throws {
        let flow = try TestFlow()
        #expect(signIn(flow, .rsa, keyID: "k1", at: Self.now) == nil)
        flow.provider.change { $0.answers["/keys"] = ReceivedResponse(.serviceUnavailable) }
        #expect(signIn(flow, .otherRSA, keyID: "k2", at: Self.now + 100) == .provider(.status(.keySet, 503)))
        #expect(signIn(flow, .rsa, keyID: "k1", at: Self.now + 101) == nil)
    }

    @Test("What is configured is checked before anybody is asked")
    func configuration() throws {
        func make(
            issuer: String = TestProvider.issuer,
            clientID: String = "c",
            secret: String = "s",
            redirect: String = TestProvider.redirectURI,
            scopes: [String] = [],
            roles: String? = nil,
            plain: Bool = false
        ) throws(ConfigurationError) -> RelyingPartyConfiguration {
            try RelyingPartyConfiguration(
                issuer: issuer,
                clientID: clientID,
                authentication: .basic(secret: secret),
                redirectURI: redirect,
                scopes: scopes,
                rolesClaim: roles,
                allowsPlainLoopback: plain
            )
        }
        #expect(try make(scopes: ["email", "openid"]).scopes == ["openid", "email"])
        for issuer in [
            "", "id.example", "http://id.example", "http://127.0.0.1", "https://id.example?x", "https://a#b",
        ] {
            #expect(throws: ConfigurationError.issuer) { try make(issuer: issuer) }
        }
        _ = try make(issuer: "http://127.0.0.1:8080", plain: true)
        #expect(throws: ConfigurationError.issuer) { try make(issuer: "http://id.example", plain: true) }
        for uri in ["", "http://scim.example/x", "/x"] {
            #expect(throws: ConfigurationError.redirectURI) { try make(redirect: uri) }
        }
        _ = try make(redirect: "http://localhost:8444/x")
        #expect(throws: ConfigurationError.text("client id")) { try make(clientID: "") }
        #expect(throws: ConfigurationError.text("client secret")) { try make(secret: "a\n") }
        #expect(throws: ConfigurationError.text("claim for roles")) { try make(roles: "") }
        for scope in ["", "a b", "a\"", "é"] {
            #expect(throws: ConfigurationError.text("list of scopes")) { try make(scopes: [scope]) }
        }
    }
}
