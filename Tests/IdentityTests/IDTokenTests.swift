import HTTP
import Identity
import JSON
import TLS
import TestSupport
import Testing

/// What a sign-in comes to with a provider that answers with these claims.
@Suite("ID tokens")
struct IDTokenTests {
    /// Signs in with claims; the nonce of the sign-in is put in where they have one of `n`.
    private func signIn(
        at later: Int64 = 0,
        rolesClaim: String? = "roles",
        accessToken: JSONValue? = "at",
        _ change: (inout JSONObject) -> Void
    ) throws -> Result<IDTokenClaims, SignInError> {
        let flow = try TestFlow(rolesClaim: rolesClaim)
        let (pending, parameters) = try flow.begin()
        var claims = TestToken.claims(nonce: flow.nonce)
        change(&claims)
        var answer: JSONObject = ["token_type": "Bearer", "id_token": .string(TestToken.make(claims))]
        if let accessToken { answer["access_token"] = accessToken }
        flow.provider.change { $0.tokens = answer }
        return Result { () throws(SignInError) in
            try flow.party.finishSignIn(parameters, for: pending, at: TestProvider.now + later).claims
        }
    }

    private func failure(at later: Int64 = 0, _ change: (inout JSONObject) -> Void) throws -> TokenError? {
        switch try signIn(at: later, change) {
        case .failure(.token(let error)): return error
        case .failure(let error): throw error
        case .success: return nil
        }
    }

    @Test("OpenID Connect Core §2: what is right is accepted, and tells of the person")
    func accepted() throws {
        let claims = try signIn {
            $0["preferred_username"] = "jane"
            $0["email_verified"] = true
            $0["auth_time"] = .number(JSONNumber(validated: "1795910395.75"))
            $0["roles"] = ["admin", "reader"]
            $0["unknown"] = ["a": 1]
        }.get()
        #expect(claims.subject == "248289761001")
        #expect(claims.issuer == TestProvider.issuer)
        #expect(claims.name == "Jane Doe")
        #expect(claims.preferredUsername == "jane")
        #expect(claims.email == "jane@example.com")
        #expect(claims.isEmailVerified == true)
        #expect(claims.roles == ["admin", "reader"])
        // A fraction is cut off.
        #expect(claims.authenticatedAt == 1_795_910_395)
        #expect(claims.expiresAt == TestProvider.now + 300)
    }

    @Test(
        "§3.1.3.7: a claim that is missing or of another kind is refused by its name",
        arguments: ["iss", "sub", "aud", "exp", "iat", "nonce"]
    )
    func required(name: String) throws {
        for value in [nil, .null, .bool(true), [:], .number(JSONNumber(-1)), [1]] as [JSONValue?] {
            // An array may be an audience, and names nobody whom it should.
            let expected: TokenError =
                name == "aud" && value == [1] ? .wrongAudience(clientID: TestProvider.clientID) : .claim(name)
            #expect(try failure { $0[name] = value } == expected, "\(String(describing: value))")
        }
    }

    @Test("§3.1.3.7, 2: the issuer is the configured one, to the letter")
    func issuer() throws {
        for issuer in [
            "https://id.example/realms/a/", "https://ID.example/realms/a", "http://id.example/realms/a", "",
        ] {
            #expect(
                try failure { $0["iss"] = .string(issuer) }
                    == .wrongIssuer(expected: TestProvider.issuer, found: issuer)
            )
        }
    }

    @Test("§3.1.3.7, 3 to 5: the audience has this client, and with others azp says so")
    func audience() throws {
        let wrong = TokenError.wrongAudience(clientID: TestProvider.clientID)
        let party = TokenError.wrongParty(clientID: TestProvider.clientID)
        let me = JSONValue.string(TestProvider.clientID)
        #expect(try failure { $0["aud"] = "other" } == wrong)
        #expect(try failure { $0["aud"] = ["other"] } == wrong)
        #expect(try failure { $0["aud"] = [.string(TestProvider.clientID.uppercased())] } == wrong)
        #expect(try failure { $0["aud"] = [me] } == nil)
        #expect(try failure { $0["aud"] = [me, "other"] } == party)
        for (value, isRight) in [(me, true), ("other", false), (.null, false), ([me], false)]
            as [(JSONValue, Bool)]
        {
            for audience in [[me, "other"], me] as [JSONValue] {
                let failure = try failure {
                    $0["aud"] = audience
                    $0["azp"] = value
                }
                #expect(failure == (isRight ? nil : party))
            }
        }
    }

    @Test("An empty audience, as some providers give a new client, is refused and the error says what to do")
    func emptyAudience() throws {
        #expect(try failure { $0["aud"] = [] } == .emptyAudience)
        #expect(
            TokenError.emptyAudience.description.contains("add the client itself to the client's audiences")
        )
    }

    @Test("§3.1.3.7, 9 and 10: times are looked at with a skew, and no further")
    func times() throws {
        let skew = IDTokenClaims.clockSkewSeconds
        #expect(try failure(at: 300 + skew - 1) { _ in } == nil)
        #expect(try failure(at: 300 + skew) { _ in } == .expired(secondsAgo: skew))
        func later(_ seconds: Int64) -> JSONValue { .number(JSONNumber(TestProvider.now + seconds)) }
        for name in ["iat", "nbf"] {
            #expect(try failure { $0[name] = later(skew) } == nil)
            #expect(try failure { $0[name] = later(skew + 1) } == .early(seconds: skew + 1))
        }
        for text in ["1e400", "-1", "253402300800", "1e300", "-1e400"] {
            for name in ["exp", "iat", "nbf", "auth_time"] {
                #expect(
                    try failure { $0[name] = .number(JSONNumber(validated: text)) } == .claim(name),
                    "\(name) \(text)"
                )
            }
        }
        #expect(try failure { $0["exp"] = .number(JSONNumber(validated: "1.7959105e9")) } == nil)
        #expect(try failure { $0["exp"] = .string("\(TestProvider.now + 300)") } == .claim("exp"))
    }

    @Test("§3.1.3.7, 11: the nonce is that of the sign-in")
    func nonce() throws {
        for nonce in ["", "n", "x"] { #expect(try failure { $0["nonce"] = .string(nonce) } == .wrongNonce) }
    }

    @Test("§2: the subject is there, has no control character, and at most 255 bytes")
    func subject() throws {
        #expect(try failure { $0["sub"] = .string(String(repeating: "s", count: 255)) } == nil)
        for text in [String(repeating: "s", count: 256), "", "a\nb", "a\u{0}"] {
            #expect(try failure { $0["sub"] = .string(text) } == .claim("sub"))
        }
    }

    @Test("§3.1.3.6: at_hash is the digest's left half, if it is there; then there is an access token")
    func accessTokenHash() throws {
        let digest = Digest.digest(Array("at".utf8), by: .sha256)
        let right = JSONValue.string(Base64URL.text(Array(digest.prefix(16))))
        #expect(try failure { $0["at_hash"] = right } == nil)
        for wrong in [.string(Base64URL.text(digest)), .string(Base64URL.text(Array(digest.suffix(16)))), ""]
            as [JSONValue]
        {
            #expect(try failure { $0["at_hash"] = wrong } == .wrongAccessToken)
        }
        #expect(try failure { $0["at_hash"] = 1 } == .claim("at_hash"))
        let result = try signIn(accessToken: nil) { $0["at_hash"] = right }
        #expect(result == .failure(.token(.wrongAccessToken)))
    }

    @Test("Roles are a text or an array of texts, up to a thousand; other elements are left out")
    func roles() throws {
        func roles(_ value: JSONValue?) throws -> [String] { try signIn { $0["roles"] = value }.get().roles }
        #expect(try roles("admin") == ["admin"])
        #expect(
            try roles(["a", 1, "b", nil, "", "c\nd"].map { $0 as JSONValue? ?? .null }.array) == ["a", "b"]
        )
        #expect(try roles(nil) == [])
        #expect(try roles([]) == [])
        #expect(try failure { $0["roles"] = 1 } == .claim("roles"))
        let many = (0..<IDTokenClaims.rolesMax).map { JSONValue.string("r\($0)") }
        #expect(try roles(.array(many)).count == IDTokenClaims.rolesMax)
        #expect(try failure { $0["roles"] = .array(many + ["x"]) } == .tooManyRoles(claim: "roles"))
        let unasked = try signIn(rolesClaim: nil) { $0["roles"] = "admin" }
        #expect(try unasked.get().roles == [])
    }

    @Test("Names and addresses that are no text, too long or with control characters count as missing")
    func texts() throws {
        for value in [1, "", "a\u{1B}[31m", .string(String(repeating: "x", count: 513)), .null, []]
            as [JSONValue]
        {
            let claims = try signIn {
                $0["name"] = value
                $0["email"] = value
                $0["email_verified"] = value
            }.get()
            #expect(claims.name == nil)
            #expect(claims.email == nil)
            #expect(claims.isEmailVerified == nil)
        }
    }

    @Test("A claim that is there twice is refused")
    func duplicates() throws {
        let flow = try TestFlow()
        let (pending, parameters) = try flow.begin()
        var bytes: [UInt8] = []
        TestToken.claims(nonce: flow.nonce).write(to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self).dropLast() + #","sub":"other"}"#
        let input = "\(TestToken.part(["alg": "RS256", "kid": "k1"])).\(Base64URL.text(Array(text.utf8)))"
        let signature = SigningKey.rsa.sign(Array(input.utf8), by: .rs256)
        flow.provider.change {
            $0.tokens = [
                "token_type": "Bearer", "id_token": .string("\(input).\(Base64URL.text(signature))"),
            ]
        }
        #expect(
            throws: SignInError.token(
                .malformed("a part is no proper JSON object, as an object names a member twice")
            )
        ) {
            try flow.party.finishSignIn(parameters, for: pending, at: TestProvider.now)
        }
    }
}

extension [JSONValue] {
    fileprivate var array: JSONValue { .array(self) }
}
