import Identity
import JSON
import TLS
import TestSupport
import Testing

@Suite("Signed tokens and key sets")
struct SignedTokenTests {
    private func keySet(_ keys: [JSONObject]) throws -> KeySet {
        var bytes: [UInt8] = []
        JSONObject(uniqueMembers: [.init(name: "keys", value: .array(keys.map(JSONValue.object)))]).write(
            to: &bytes
        )
        return try KeySet(parsing: bytes)
    }

    private func failure(_ text: String, _ keys: [JSONObject]) throws -> TokenError? {
        let keys = try keySet(keys)
        do throws(TokenError) {
            try keys.verify(try SignedToken(text))
            return nil
        } catch { return error }
    }

    private static let claims = TestToken.claims()

    @Test(
        "RFC 7518 §3: a token is verified by the key that it names, whatever the algorithm",
        arguments: SignatureAlgorithm.allCases
    )
    func algorithms(algorithm: SignatureAlgorithm) throws {
        let key = algorithm == .es256 ? SigningKey.p256 : .rsa
        let token = TestToken.make(
            Self.claims,
            header: ["alg": .string(algorithm.rawValue), "kid": "k1"],
            key: key,
            by: algorithm
        )
        let published = TestProvider.key("k1", key)
        #expect(try failure(token, [published]) == nil)
        // With its algorithm and use named, and beside others.
        let named = TestProvider.key("k1", key, ["alg": .string(algorithm.rawValue), "use": "sig"])
        #expect(try failure(token, [TestProvider.key("k2", .otherRSA), named]) == nil)
        // A key is good for the algorithm that it names alone.
        let other: SignatureAlgorithm = algorithm == .rs256 ? .ps256 : .rs256
        #expect(
            try failure(token, [published.with("alg", .string(other.rawValue))]) == .unknownKey("k1")
        )
    }

    @Test("One bit changed in header, claims or signature is refused")
    func oneBit() throws {
        let token = Array(TestToken.make(Self.claims).utf8)
        let keys = [TestProvider.key("k1", .rsa)]
        #expect(try failure(String(decoding: token, as: UTF8.self), keys) == nil)
        for index in token.indices where index % 7 == 0 {
            var changed = token
            changed[index] = token[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            guard changed[index] != token[index] else { continue }
            #expect(try failure(String(decoding: changed, as: UTF8.self), keys) != nil, "byte \(index)")
        }
    }

    @Test(
        "Other algorithms are refused, none and the symmetric ones before any key is looked at",
        arguments: [
            "none", "None", "NONE", "", "HS256", "HS384", "HS512", "ES384", "ES512", "EdDSA", "rs256", "RS1",
        ]
    )
    func otherAlgorithms(name: String) throws {
        let keys = [TestProvider.key("k1", .rsa), TestProvider.key(nil, .p256)]
        let token = TestToken.make(Self.claims, header: ["alg": .string(name), "kid": "k1"])
        #expect(try failure(token, keys) == .algorithmRefused(name))
        // As an attacker sends it: without a signature.
        let bare = token.split(separator: ".").prefix(2).joined(separator: ".") + "."
        #expect(try failure(bare, keys) == .algorithmRefused(name))
    }

    @Test("RFC 8725 §2.1: a token signed with HMAC by the public key is refused, whatever it calls itself")
    func confusion() throws {
        let keys = [TestProvider.key("k1", .rsa)]
        // SHA-256 of the key and the text stands for the MAC: no MAC is looked at.
        for name in ["HS256", "RS256"] {
            let input =
                "\(TestToken.part(["alg": .string(name), "kid": "k1"])).\(TestToken.part(Self.claims))"
            let mac = Digest.digest(SigningKey.rsa.modulus + Array(input.utf8), by: .sha256)
            let failure = try failure("\(input).\(Base64URL.text(mac))", keys)
            #expect(failure == (name == "RS256" ? .wrongSignature : .algorithmRefused("HS256")))
        }
        // A symmetric key in the set is no key.
        let oct: JSONObject = ["kty": "oct", "k": "AAAA", "kid": "k1"]
        #expect(try keySet([oct]).usableCount == 0)
        #expect(try failure(TestToken.make(Self.claims), [oct]) == .unknownKey("k1"))
    }

    @Test("A key of the token's own is not looked at")
    func ownKey() throws {
        let own = JSONValue.object(TestProvider.key("k1", .otherRSA))
        let token = TestToken.make(
            Self.claims,
            header: ["alg": "RS256", "kid": "k1", "jwk": own, "jku": "https://evil.example/keys"],
            key: .otherRSA
        )
        #expect(try failure(token, [TestProvider.key("k1", .rsa)]) == .wrongSignature)
    }

    @Test("RFC 7515 §4.1.11: a critical header is refused, whatever it lists")
    func critical() throws {
        for list in [["b64"], ["exp"], []] as [JSONValue] {
            let token = TestToken.make(
                Self.claims,
                header: ["alg": "RS256", "kid": "k1", "crit": list, "b64": false]
            )
            #expect(try failure(token, [TestProvider.key("k1", .rsa)]) == .critical)
        }
    }

    @Test("The key is the one that is named; without a name there has to be one that fits")
    func keyChoice() throws {
        let (first, second) = (TestProvider.key("k1", .rsa), TestProvider.key("k2", .otherRSA))
        let named = TestToken.make(Self.claims)
        #expect(try failure(named, [second]) == .unknownKey("k1"))
        #expect(try failure(named, [first.with("kid", nil)]) == .unknownKey("k1"))
        #expect(try failure(named, [first, first]) == .ambiguousKey)
        #expect(try failure(named, [first, second.with("kid", "k1")]) == .ambiguousKey)
        let nameless = TestToken.make(Self.claims, header: ["alg": "RS256"])
        #expect(try failure(nameless, [first]) == nil)
        #expect(try failure(nameless, [first, TestProvider.key("k3", .p256)]) == nil)
        #expect(try failure(nameless, [first, second]) == .ambiguousKey)
        #expect(try failure(nameless, []) == .unknownKey(nil))
        #expect(try failure(named, [second.with("kid", "k1")]) == .wrongSignature)
    }

    @Test("RFC 7517 §4.2, §4.3: keys for other things than signatures are passed over")
    func otherUses() throws {
        let key = TestProvider.key("k1", .rsa)
        let token = TestToken.make(Self.claims)
        for (name, value) in [
            ("use", "enc"), ("use", 1), ("key_ops", ["sign"]), ("key_ops", "verify"), ("alg", "RSA-OAEP"),
            ("alg", 1),
            ("kty", "OKP"), ("kid", 1), ("alg", "ES256"),
        ] as [(String, JSONValue)] {
            #expect(try failure(token, [key.with(name, value)]) == .unknownKey("k1"), "\(name) \(value)")
        }
        #expect(try failure(token, [key.with("use", "sig").with("key_ops", ["verify"])]) == nil)
    }

    @Test("RFC 7518 §3.3: a key that is too small is not used, and the error says which and why")
    func smallKey() throws {
        let small = TestProvider.key("k1", .rsa)
            .with("n", .string(Base64URL.text([UInt8](repeating: 0xFF, count: 128))))
        #expect(try failure(TestToken.make(Self.claims), [small]) == .unusableKey("k1", .size(bits: 1_024)))
        let text = TokenError.unusableKey("k1", .size(bits: 1_024)).description
        #expect(text.contains("k1") && text.contains("1024"))
        for name in ["n", "e"] {
            let broken = TestProvider.key("k1", .rsa).with(name, "AQ=B")
            guard case .unusableKey = try failure(TestToken.make(Self.claims), [broken]) else {
                Issue.record("\(name) is not base64url")
                continue
            }
        }
    }

    @Test("RFC 7515 §2: strict base64url, three parts, and JSON objects without duplicates")
    func malformed() throws {
        let good = TestToken.make(Self.claims).split(separator: ".").map(String.init)
        func text(_ header: String) -> String {
            "\(Base64URL.text(Array(header.utf8))).\(good[1]).\(good[2])"
        }
        for token in [
            "", ".", "..", "a.b", good.joined(separator: ".") + ".", good.joined(separator: ".") + "=",
            "\(good[0])=.\(good[1]).\(good[2])", "\(good[0]).\(good[1]) .\(good[2])",
            " " + good.joined(separator: "."), "\(good[0]).\(good[1]).\(good[2])\n",
            text("[]"), text("{"), text(#"{"alg":"RS256","alg":"RS256"}"#),
            text(#"{"alg":"RS256","kid":null}"#),
            text(#"{"alg":1}"#), text("{}"), text(#"{"alg":"RS256","a":"\ud800"}"#),
            text(#"{"alg":"RS256","x":[[[[[[[[[]]]]]]]]]}"#),
            text(#"{"alg":"RS256","kid":"\#(String(repeating: "k", count: 257))"}"#),
            text(#"{"alg":"RS256","x":"\#(String(repeating: "x", count: SignedToken.headerBytesMax))"}"#),
        ] {
            guard case .malformed = try failure(token, [TestProvider.key("k1", .rsa)]) else {
                Issue.record("\(token.prefix(80))")
                continue
            }
        }
        #expect(try failure("\(good[0]).\(good[1]).", []) == .wrongSignature)
        #expect(try failure("a.b.c.d.e", []) == .encrypted)
        let huge = good[0] + "." + String(repeating: "A", count: SignedToken.bytesMax) + "." + good[2]
        #expect(try failure(huge, []) == .tooLarge)
    }

    @Test("RFC 7517 §5: what is no key set is refused; so is one with too many keys or a member twice")
    func keySets() throws {
        for (text, error) in [
            ("[]", DocumentError.json("it is no object")), ("{}", .member("keys")),
            (#"{"keys":{}}"#, .member("keys")),
            (#"{"keys":[1]}"#, .member("keys")),
            (
                "{\"keys\":[\(Array(repeating: "{}", count: 101).joined(separator: ","))]}",
                .tooMany("keys", most: 100)
            ),
        ] {
            #expect(throws: error) { try KeySet(parsing: Array(text.utf8)) }
        }
        for text in [#"{"keys":[],"keys":[]}"#, #"{"keys":[{"kty":"RSA","kty":"RSA"}]}"#, "", "{"] {
            #expect(throws: DocumentError.self) { try KeySet(parsing: Array(text.utf8)) }
        }
        let long = "{\"keys\":[],\"x\":\"" + String(repeating: "x", count: KeySet.bytesMax) + "\"}"
        #expect(throws: DocumentError.self) { try KeySet(parsing: Array(long.utf8)) }
        #expect(try KeySet(parsing: Array(#"{"keys":[]}"#.utf8)).usableCount == 0)
    }
}
