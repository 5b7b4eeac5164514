internal import HTTP
internal import JSON

/// What the token endpoint gives for a code (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
struct TokenAnswer: Sendable {
    private static let depthMax = 8

    let idToken: String
    /// Looked at for its digest only.
    let accessToken: String?

    /// Reads the answer.
    ///
    /// - Throws: ``ProviderError/tokenRefused(error:sentence:)`` with the provider's reason, and others.
    init(_ response: ReceivedResponse, bytesMax: Int) throws(ProviderError) {
        let object: JSONObject
        do throws(DocumentError) {
            object = try ProviderDocument.object(
                response.body,
                JSONLimits(bytesMax: bytesMax, depthMax: Self.depthMax)
            )
        } catch {
            guard response.status == .ok else { throw .status(.token, Int(response.status.code)) }
            throw .document(.token, error)
        }
        func text(_ name: String) -> String? {
            guard case .string(let text)? = object[name] else { return nil }
            return text
        }
        guard response.status == .ok, object["error"] == nil else {
            guard let error = text("error") else { throw .status(.token, Int(response.status.code)) }
            throw .tokenRefused(
                error: SafeText.short(error),
                sentence: text("error_description").map(SafeText.sentence)
            )
        }
        guard text("token_type")?.lowercased() == "bearer" else {
            throw .document(.token, .member("token_type"))
        }
        guard let idToken = text("id_token") else { throw .document(.token, .member("id_token")) }
        self.idToken = idToken
        accessToken = text("access_token")
    }
}
