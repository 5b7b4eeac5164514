import HTTP
import JSON
import TLS

@testable import Identity

/// A token as a token endpoint gives it.
///
/// Nothing is believed that the key of RFC 7515 appendix A.2 has not signed, and it has signed one text.
enum TokenTarget {
    private static let example =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private static let keys: KeySet = {
        let modulus =
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
            + "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
            + "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        let text = #"{"keys":[{"kty":"RSA","e":"AQAB","n":"\#(modulus)"}]}"#
        guard let keys = try? KeySet(parsing: Array(text.utf8)), keys.usableCount == 1 else {
            fatalError("The example has a key.")
        }
        return keys
    }()

    static func check(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let token = try? SignedToken(text) else { return }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        hold(
            parts.count == 3 && parts.allSatisfy { !$0.isEmpty || $0 == parts[1] },
            "a token has three parts"
        )
        hold(parts[0] == Base64URL.text(Base64URL.bytes(String(parts[0])) ?? []), "a part has one text")
        let isSigned: Void? = try? keys.verify(token)
        hold(
            isSigned == nil || String(decoding: token.signingInput, as: UTF8.self) == example,
            "only one is signed"
        )
        guard let claims = try? token.claims() else { return }
        checkClaims(token, claims)
    }

    /// What is believed of claims is in them.
    private static func checkClaims(_ token: SignedToken, _ claims: JSONObject) {
        let expectation = IDTokenExpectation(
            issuer: "a",
            clientID: "c",
            nonce: "n",
            accessToken: nil,
            rolesClaim: "r",
            now: 1_000
        )
        guard let believed = try? IDTokenClaims(token, expecting: expectation) else { return }
        hold(claims["iss"] == "a" && claims["nonce"] == "n", "issuer and nonce are right")
        hold(
            claims["aud"] == "c" || claims["aud"].map { "\($0)".contains("c") } == true,
            "it is for the client"
        )
        hold(claims["azp"] == nil || claims["azp"] == "c", "it was issued to the client")
        hold(claims["at_hash"] == nil, "there is no access token")
        hold(believed.expiresAt > 1_000 - IDTokenClaims.clockSkewSeconds, "it has not expired")
        hold((1...IDTokenClaims.subjectBytesMax).contains(believed.subject.utf8.count), "there is a subject")
        hold(believed.roles.count <= IDTokenClaims.rolesMax, "roles have a limit")
        for text in [believed.name, believed.email, believed.preferredUsername].compactMap(\.self)
            + believed.roles
        {
            hold(text.utf8.count <= IDTokenClaims.textBytesMax, "a text has a limit")
            hold(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a text has no controls")
        }
    }
}

/// A provider's key set, and its configuration: both are JSON of somebody else.
enum KeySetTarget {
    static func check(_ bytes: [UInt8]) {
        if let keys = try? KeySet(parsing: bytes) {
            hold(keys.usableCount <= KeySet.keysMax, "keys have a limit")
            hold((try? JSONValue(parsing: bytes)) != nil, "a key set is JSON")
        }
        guard let metadata = try? ProviderMetadata(parsing: bytes, issuer: "https://a") else { return }
        hold(metadata.issuer == "https://a", "the issuer is the configured one")
        let endpoints = [metadata.authorizationEndpoint, metadata.tokenEndpoint, metadata.keySetURL]
        for url in endpoints + [metadata.endSessionEndpoint].compactMap(\.self) {
            hold(
                url.isSecure && url.text.hasPrefix("https://") || url.text.lowercased().hasPrefix("https://"),
                "https only"
            )
            hold(url.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a URL is printable")
            hold(!url.host.isEmpty && url.port > 0, "a URL has a host and a port")
            hold(!url.text.contains("@") || url.requestTarget.contains("@"), "a URL has no user information")
        }
    }
}
