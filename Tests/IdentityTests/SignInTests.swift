import HTTP
import Identity
import JSON
import TLS
import TestSupport
import Testing

@Suite("Sign-in and sign-out")
struct SignInTests {
    private static let now = TestProvider.now

    private func failure(
        _ flow: TestFlow,
        _ parameters: [Target.QueryItem],
        _ pending: PendingSignIn,
        at now: Int64 = now
    ) -> SignInError? {
        do throws(SignInError) {
            _ = try flow.party.finishSignIn(parameters, for: pending, at: now)
            return nil
        } catch { return error }
    }

    @Test("RFC 7636 §4.2, OpenID Connect Core §3.1.2.1: the browser is sent with what binds the answer to it")
    func authorizationRequest() throws {
        let flow = try TestFlow()
        let (pending, url) = try flow.party.beginSignIn(
            at: Self.now,
            prompt: .login,
            loginHint: "jane&x=y@example.com"
        )
        let target = try Target(url)
        let items = target.queryItems.map { "\($0.name)=\($0.value)" }
        #expect(url.hasPrefix("https://id.example/authorize?"))
        #expect(
            items == [
                "response_type=code", "client_id=pharos console",
                "redirect_uri=\(TestProvider.redirectURI)", "scope=openid profile email",
                "state=\(pending.state)", "nonce=\(flow.nonce)",
                "code_challenge=\(Base64URL.text(Digest.sha256(Array(flow.verifier.utf8).span)))",
                "code_challenge_method=S256", "prompt=login", "login_hint=jane&x=y@example.com",
            ]
        )
        #expect(!url.contains(flow.verifier))
        #expect(!"\(pending)".contains(pending.state))
    }

    @Test("Each sign-in has texts of its own, of 32 random bytes")
    func randomness() throws {
        let flow = try TestFlow()
        let party = RelyingParty(flow.party.configuration, client: flow.provider)
        let (first, second) = (try party.beginSignIn(at: Self.now), try party.beginSignIn(at: Self.now))
        #expect(first.pending.state != second.pending.state)
        #expect(first.pending.state.utf8.count == 43)
        #expect(first.url != second.url)
        #expect(!first.url.contains(second.pending.state))
    }

    @Test("An endpoint's own query stays, and a hint that is no line of text is left out")
    func endpointQuery() throws {
        let flow = try TestFlow()
        flow.provider.change { $0.metadata["authorization_endpoint"] = "https://id.example/authorize?p=b2c" }
        let url = try flow.party.beginSignIn(at: Self.now, loginHint: "a\nb").url
        #expect(url.hasPrefix("https://id.example/authorize?p=b2c&response_type=code&"))
        #expect(!url.contains("login_hint"))
        #expect(!url.contains("prompt"))
    }

    @Test("The right answer lets in; the code goes to the token endpoint with the verifier, once")
    func rightAnswer() throws {
        let flow = try TestFlow()
        let (pending, parameters) = try flow.begin()
        flow.answerRight()
        let person = try flow.party.finishSignIn(parameters, for: pending, at: Self.now)
        #expect(person.claims.subject == "248289761001")
        #expect(person.idToken.split(separator: ".").count == 3)
        #expect(flow.provider.count("/token") == 1)
        let request = try #require(flow.provider.tokenRequest)
        #expect(request.method == .post)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "grant_type=authorization_code&code=c0de&redirect_uri=https%3A%2F%2Fscim.example%3A8444%2Fsign-in"
                + "&code_verifier=\(flow.verifier)"
        )
        // RFC 6749 §2.3.1: both are encoded as in a form before they are joined.
        #expect(
            request.fields.first { $0.0 == .authorization }?.1
                == "Basic cGhhcm9zJTIwY29uc29sZTpzM2NyJTNBZXQlMkYlQzMlQkM="
        )
    }

    @Test("OpenID Connect Core §9: a secret in the body, and a public client")
    func authentication() throws {
        for (authentication, rest) in [
            (
                RelyingPartyConfiguration.Authentication.post(secret: "s&t"),
                "&client_id=pharos%20console&client_secret=s%26t"
            ),
            (.none, "&client_id=pharos%20console"),
        ] {
            let flow = try TestFlow(authentication: authentication)
            let (pending, parameters) = try flow.begin()
            flow.answerRight()
            _ = try flow.party.finishSignIn(parameters, for: pending, at: Self.now)
            let request = try #require(flow.provider.tokenRequest)
            #expect(
                String(decoding: request.body, as: UTF8.self).hasSuffix(
                    "code_verifier=\(flow.verifier)\(rest)"
                )
            )
            #expect(!request.fields.contains { $0.0 == .authorization })
        }
    }

    @Test("An answer without the state, or with another browser's, lets nobody in and asks nobody")
    func state() throws {
        let flow = try TestFlow()
        let (pending, _) = try flow.begin()
        let (other, _) = try flow.begin()
        flow.answerRight()
        for state in [nil, "", other.state, pending.state + "A", String(pending.state.dropLast())] {
            var parameters = TestFlow.answer(state ?? "")
            if state == nil { parameters.removeFirst() }
            #expect(failure(flow, parameters, pending) == .answer(.foreign))
        }
        #expect(flow.provider.count("/token") == 0)
        // The error of an answer that is nobody's is not shown.
        let forged = TestFlow.answer("x", ("error", "access_denied"), ("error_description", "Call 555-0100"))
        #expect(failure(flow, forged, pending) == .answer(.foreign))
    }

    @Test("RFC 6749 §3.1: a parameter that is there twice is refused, and too many or long ones are")
    func repeated() throws {
        let flow = try TestFlow()
        let (pending, parameters) = try flow.begin()
        for name in ["state", "code", "iss", "error", "other"] {
            let doubled = parameters + [.init(name: name, value: "a"), .init(name: name, value: "a")]
            #expect(failure(flow, doubled, pending) == .answer(.repeated(name)))
        }
        let long = parameters + [.init(name: "x", value: String(repeating: "x", count: 4_097))]
        #expect(failure(flow, long, pending) == .answer(.tooLarge))
        let many = parameters + (0..<40).map { .init(name: "x\($0)", value: "") }
        #expect(failure(flow, many, pending) == .answer(.tooLarge))
        #expect(failure(flow, Array(parameters.prefix(1)), pending) == .answer(.codeMissing))
    }

    @Test(
        "RFC 9207 §2.4: the answer's issuer is right if it is there, and there if the provider always names it"
    )
    func issuer() throws {
        for isAnnounced in [false, true] {
            let flow = try TestFlow()
            flow.provider.change {
                $0.metadata["authorization_response_iss_parameter_supported"] = .bool(isAnnounced)
            }
            let (pending, parameters) = try flow.begin()
            flow.answerRight()
            let right = parameters + [.init(name: "iss", value: TestProvider.issuer)]
            let wrong = parameters + [.init(name: "iss", value: "https://other.example")]
            #expect(
                failure(flow, wrong, pending)
                    == .answer(.wrongIssuer(expected: TestProvider.issuer, found: "https://other.example"))
            )
            #expect(failure(flow, parameters, pending) == (isAnnounced ? .answer(.issuerMissing) : nil))
            #expect(failure(flow, right, pending) == nil)
        }
    }

    @Test("OpenID Connect Core §3.1.2.6: a refusal of the provider says what it is, short and on one line")
    func refusals() throws {
        let flow = try TestFlow()
        let (pending, _) = try flow.begin()
        for (error, refusal) in [
            ("access_denied", ProviderRefusal.accessDenied), ("login_required", .interactionRequired),
            ("temporarily_unavailable", .temporary), ("unauthorized_client", .misconfigured), ("odd", .other),
        ] {
            let parameters = TestFlow.answer(pending.state, ("error", error))
            #expect(
                failure(flow, parameters, pending) == .answer(.refused(refusal, error: error, sentence: nil))
            )
        }
        let nasty = "No\r\nway\u{202E} <script>\u{7} " + String(repeating: "x", count: 2_000)
        let parameters = TestFlow.answer(
            pending.state,
            ("error", "access_denied"),
            ("error_description", nasty)
        )
        let text = try #require(failure(flow, parameters, pending)).description
        #expect(text.contains("you declined") && text.contains("No  way  <script>  xxx"))
        #expect(text.utf8.count < 500 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        #expect(flow.provider.count("/token") == 0)
    }

    @Test("An answer that comes too late is refused, and so is one before the sign-in")
    func late() throws {
        let flow = try TestFlow()
        let (pending, parameters) = try flow.begin()
        flow.answerRight()
        let life = PendingSignIn.lifetimeSeconds
        #expect(failure(flow, parameters, pending, at: Self.now + life) == .answer(.tooLate))
        #expect(failure(flow, parameters, pending, at: Self.now - 1) == .answer(.tooLate))
        #expect(failure(flow, parameters, pending, at: Self.now + 200) == nil)
    }

    @Test("RFC 6749 §5.2: a refused code says why and what to do")
    func tokenRefusals() throws {
        for (error, advice) in [
            ("invalid_client", "client id, secret"), ("invalid_grant", "sign in again"),
            ("odd", "refused the code"),
        ] {
            let flow = try TestFlow()
            let (pending, parameters) = try flow.begin()
            let body = #"{"error":"\#(error)","error_description":"a\nb"}"#
            flow.provider.change {
                $0.answers["/token"] = ReceivedResponse(.badRequest, body: Array(body.utf8))
            }
            let failure = failure(flow, parameters, pending)
            #expect(failure == .provider(.tokenRefused(error: error, sentence: "a b")))
            #expect(failure?.description.contains(advice) == true)
        }
    }

    @Test("An answer to the code that is none is refused")
    func tokenAnswers() throws {
        for (status, body, error) in [
            (Status.ok, "{}", ProviderError.document(.token, .member("token_type"))),
            (.ok, #"{"token_type":"Bearer"}"#, .document(.token, .member("id_token"))),
            (.ok, #"{"token_type":"DPoP","id_token":"x"}"#, .document(.token, .member("token_type"))),
            (.ok, #"{"token_type":"Bearer","id_token":1}"#, .document(.token, .member("id_token"))),
            (.ok, "<html>", .document(.token, .json("it does not follow the grammar (byte 0)"))),
            (.ok, "[]", .document(.token, .json("it is no object"))),
            (.ok, #"{"error":"x"}"#, .tokenRefused(error: "x", sentence: nil)),
            (.internalServerError, "<html>", .status(.token, 500)),
            (.internalServerError, #"{"id_token":"x","token_type":"Bearer"}"#, .status(.token, 500)),
            (.unauthorized, #"{"error":1}"#, .status(.token, 401)),
        ] {
            let flow = try TestFlow()
            let (pending, parameters) = try flow.begin()
            flow.provider.change { $0.answers["/token"] = ReceivedResponse(status, body: Array(body.utf8)) }
            #expect(failure(flow, parameters, pending) == .provider(error), "\(body)")
        }
        let flow = try TestFlow()
        let (pending, parameters) = try flow.begin()
        flow.provider.change { $0.tokens = ["token_type": "Bearer", "id_token": "x"] }
        #expect(failure(flow, parameters, pending) == .token(.malformed("it has not three parts")))
    }

    @Test("No error has a secret, code, state, verifier or token in it")
    func secrets() throws {
        let flow = try TestFlow()
        let (pending, parameters) = try flow.begin()
        let token = TestToken.make(TestToken.claims(), key: .otherRSA)
        var texts: [String] = []
        for answer in [
            ReceivedResponse(.badRequest, body: Array(#"{"error":"invalid_grant"}"#.utf8)),
            ReceivedResponse(.ok, body: Array(#"{"token_type":"Bearer","id_token":"\#(token)"}"#.utf8)),
            ReceivedResponse(.badGateway, body: Array("c0de \(flow.verifier)".utf8)),
        ] {
            flow.provider.change { $0.answers["/token"] = answer }
            texts.append(try #require(failure(flow, parameters, pending)).description)
        }
        flow.provider.change { $0.failures["/token"] = .timeout(host: "id.example", seconds: 10) }
        texts.append(try #require(failure(flow, parameters, pending)).description)
        for text in texts {
            for secret in ["s3cr", "c0de", pending.state, flow.verifier, flow.nonce, token, "eyJ"] {
                #expect(!text.contains(secret), "\(text)")
            }
        }
    }

    @Test(
        "RP-Initiated Logout §2: the browser is sent with client, way back and state, and with the token only if told"
    )
    func signOut() throws {
        let flow = try TestFlow()
        let (state, url) = try #require(try flow.party.beginSignOut(at: Self.now))
        #expect(
            url == "https://id.example/sign-out?a=b&client_id=pharos%20console&post_logout_redirect_uri="
                + "https%3A%2F%2Fscim.example%3A8444%2Fsigned-out&state=\(state)"
        )
        #expect(
            try flow.party.beginSignOut(at: Self.now, idToken: "t")?.url.hasSuffix("&id_token_hint=t") == true
        )
        #expect(flow.party.isSignedOut(TestFlow.answer(state), state: state))
        #expect(!flow.party.isSignedOut(TestFlow.answer("x"), state: state))
        #expect(!flow.party.isSignedOut(TestFlow.answer(state, ("state", state)), state: state))
        #expect(!flow.party.isSignedOut([], state: state))

        let lonely = try TestFlow(signedOutURI: nil)
        #expect(
            try lonely.party.beginSignOut(at: Self.now)?.url
                == "https://id.example/sign-out?a=b&client_id=pharos%20console"
        )
        let without = try TestFlow()
        without.provider.change { $0.metadata["end_session_endpoint"] = nil }
        #expect(try without.party.beginSignOut(at: Self.now) == nil)
    }
}
