package import HTTP
import Identity
package import JSON
internal import Locking
import TLS

/// A provider in this process: it answers as a client would bring its answers, and signs as it is told.
package final class TestProvider: HTTPClient {
    package static let issuer = "https://id.example/realms/a"
    package static let clientID = "pharos console"
    package static let redirectURI = "https://scim.example:8444/sign-in"
    /// 2026-11-29T00:00:00Z.
    package static let now: Int64 = 1_795_910_400

    package struct State {
        package var metadata: JSONObject = [
            "issuer": .string(issuer),
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "end_session_endpoint": "https://id.example/sign-out?a=b",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["RS256", "none"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        ]
        /// The keys that are published, by their ids.
        package var keys: [JSONObject] = [TestProvider.key("k1", .rsa)]
        package var cacheControl: String?
        /// What the next answers are, in place of the right ones, by path.
        package var answers: [String: ReceivedResponse] = [:]
        package var failures: [String: ExchangeError] = [:]
        /// The answer to a code; nil for one that a sign-in would get.
        package var tokens: JSONObject = [:]
        package var requests: [OutgoingRequest] = []
    }

    private let state = Locked(State())

    package init() {}

    package func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// How often something was asked for.
    package func count(_ path: String) -> Int {
        state.withLock { state in state.requests.count { $0.url.requestTarget == path } }
    }

    package var tokenRequest: OutgoingRequest? {
        state.withLock { state in state.requests.last { $0.url.requestTarget == "/token" } }
    }

    package static let discoveryPath = "/realms/a/.well-known/openid-configuration"

    package func exchange(_ request: OutgoingRequest) throws(ExchangeError) -> ReceivedResponse {
        try state.withLock { state throws(ExchangeError) in
            state.requests.append(request)
            let path = request.url.requestTarget
            if let failure = state.failures[path] { throw failure }
            if let answer = state.answers[path] { return answer }
            let body: JSONObject
            switch path {
            case Self.discoveryPath: body = state.metadata
            case "/keys": body = ["keys": .array(state.keys.map(JSONValue.object))]
            case "/token": body = state.tokens
            default: return ReceivedResponse(.notFound)
            }
            var bytes: [UInt8] = []
            body.write(to: &bytes)
            let fields = state.cacheControl.map { [(FieldName.cacheControl, $0)] } ?? []
            return ReceivedResponse(.ok, fields: Fields(fields), body: bytes)
        }
    }

    /// A key as it is published.
    package static func key(_ id: String?, _ key: SigningKey, _ more: JSONObject = [:]) -> JSONObject {
        var object: JSONObject
        if key.isP256 {
            let (x, y) = key.coordinates
            object = [
                "kty": "EC", "crv": "P-256", "x": .string(Base64URL.text(x)), "y": .string(Base64URL.text(y)),
            ]
        } else {
            object = [
                "kty": "RSA", "n": .string(Base64URL.text(key.modulus)),
                "e": .string(Base64URL.text(key.exponent)),
            ]
        }
        if let id { object["kid"] = .string(id) }
        for member in more.members { object[member.name] = member.value }
        return object
    }
}

/// Tokens as they should be, and as they should not.
package enum TestToken {
    /// Claims that are right for a sign-in.
    package static func claims(nonce: String = "n") -> JSONObject {
        [
            "iss": .string(TestProvider.issuer), "aud": .string(TestProvider.clientID), "sub": "248289761001",
            "exp": .number(JSONNumber(TestProvider.now + 300)), "iat": .number(JSONNumber(TestProvider.now)),
            "nonce": .string(nonce), "name": "Jane Doe", "email": "jane@example.com",
        ]
    }

    /// A signed token.
    package static func make(
        _ claims: JSONObject,
        header: JSONObject = ["alg": "RS256", "kid": "k1"],
        key: SigningKey = .rsa,
        by algorithm: SignatureAlgorithm = .rs256
    ) -> String {
        let input = "\(part(header)).\(part(claims))"
        return "\(input).\(Base64URL.text(key.sign(Array(input.utf8), by: algorithm)))"
    }

    package static func part(_ object: JSONObject) -> String {
        var bytes: [UInt8] = []
        object.write(to: &bytes)
        return Base64URL.text(bytes)
    }
}

extension JSONObject {
    /// The same with a member changed, or removed.
    package func with(_ name: String, _ value: JSONValue?) -> JSONObject {
        var object = self
        object[name] = value
        return object
    }
}
