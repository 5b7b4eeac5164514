internal import HTTP
internal import JSON

/// The provider, asked over the network: its configuration, its keys, and what a code stands for.
///
/// Each method may block for as long as the client does.
final class Provider: Sendable {
    /// For how long a document is kept, in seconds: what the provider says (`Cache-Control: max-age`), within these bounds.
    static let lifetimeSecondsMin: Int64 = 300
    static let lifetimeSecondsMax: Int64 = 86_400
    /// Where the provider says nothing.
    static let lifetimeSecondsDefault: Int64 = 3_600
    /// Largest answer to a code: two tokens and a little more.
    static let tokenAnswerBytesMax = 256 * 1024
    /// Longest access token, which is looked at for its digest only.
    static let accessTokenBytesMax = 64 * 1024

    private let configuration: RelyingPartyConfiguration
    private let client: any HTTPClient
    private let metadata = CachedDocument<ProviderMetadata>()
    private let keySet = CachedDocument<KeySet>()

    init(_ configuration: RelyingPartyConfiguration, client: any HTTPClient) {
        self.configuration = configuration
        self.client = client
    }

    /// The configuration that the provider publishes.
    func metadata(at now: Int64) throws(ProviderError) -> ProviderMetadata {
        try metadata.value(at: now) { () throws(ProviderError) in
            let response = try self.get(self.configuration.discoveryURL, .configuration)
            let metadata = try ProviderMetadata(
                parsing: response.body,
                issuer: self.configuration.issuer,
                allowsPlainLoopback: self.configuration.allowsPlainLoopback
            )
            try self.requireAuthentication(metadata)
            return .init(value: metadata, lifetime: Self.lifetime(response.fields))
        }
    }

    /// The key set, at most as old as the provider allows.
    func keys(at now: Int64) throws(ProviderError) -> KeySet {
        try keySet.value(at: now) { () throws(ProviderError) in try self.fetchKeys(at: now) }
    }

    /// The key set as it is now; nil if it was asked for a moment ago.
    func newerKeys(at now: Int64) throws(ProviderError) -> KeySet? {
        try keySet.newerValue(at: now) { () throws(ProviderError) in try self.fetchKeys(at: now) }
    }

    /// What the provider gives for a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
    func redeem(
        code: String,
        verifier: String,
        at now: Int64
    ) throws(ProviderError) -> TokenAnswer {
        let endpoint = try metadata(at: now).tokenEndpoint
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", configuration.redirectURI),
            ("code_verifier", verifier),
        ]
        var fields: [(FieldName, String)] = [
            (.contentType, "application/x-www-form-urlencoded"), (.accept, "application/json"),
        ]
        switch configuration.authentication {
        case .basic(let secret):
            fields.append((.authorization, FormEncoding.basic(configuration.clientID, secret)))
        case .post(let secret): form += [("client_id", configuration.clientID), ("client_secret", secret)]
        case .none: form.append(("client_id", configuration.clientID))
        }
        let body = Array(FormEncoding.encode(form).utf8)
        let response = try exchange(OutgoingRequest(.post, endpoint, fields: fields, body: body), .token)
        return try TokenAnswer(response, bytesMax: Self.tokenAnswerBytesMax)
    }

    private func fetchKeys(at now: Int64) throws(ProviderError) -> CachedDocument<KeySet>.Fetched {
        let response = try get(try metadata(at: now).keySetURL, .keySet)
        do throws(DocumentError) {
            return .init(value: try KeySet(parsing: response.body), lifetime: Self.lifetime(response.fields))
        } catch { throw .document(.keySet, error) }
    }

    private func get(_ url: RemoteURL, _ step: ProviderError.Step) throws(ProviderError) -> ReceivedResponse {
        let response = try exchange(
            OutgoingRequest(.get, url, fields: [(.accept, "application/json")]),
            step
        )
        guard response.status == .ok else { throw .status(step, Int(response.status.code)) }
        return response
    }

    private func exchange(
        _ request: OutgoingRequest,
        _ step: ProviderError.Step
    ) throws(ProviderError) -> ReceivedResponse {
        do throws(ExchangeError) { return try client.exchange(request) } catch {
            throw .exchange(step, error)
        }
    }

    /// Refuses a way of authentication that the provider does not list; many do not list that of public clients.
    private func requireAuthentication(_ metadata: ProviderMetadata) throws(ProviderError) {
        guard let name = configuration.authentication.name,
            !metadata.authenticationMethods.contains(name)
        else { return }
        throw .authenticationUnsupported(
            name,
            offered: SafeText.sentence(metadata.authenticationMethods.joined(separator: ", "))
        )
    }

    /// For how many seconds an answer may be kept (RFC 9111 §5.2.2).
    static func lifetime(_ fields: Fields) -> Int64 {
        var lifetime = lifetimeSecondsDefault
        for directive in fields.all(.cacheControl).flatMap({ $0.lowercased().split(separator: ",") }) {
            let parts = directive.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks }
            switch parts.first {
            case "no-store", "no-cache": return lifetimeSecondsMin
            case "max-age":
                guard parts.count == 2, !parts[1].isEmpty,
                    parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
                else { continue }
                // Digits that fit no number stand for a very long time.
                lifetime = Int64(parts[1]) ?? .max
            default: continue
            }
        }
        return min(max(lifetime, lifetimeSecondsMin), lifetimeSecondsMax)
    }
}

extension Substring {
    /// Without spaces and tabs on both sides.
    fileprivate var trimmingBlanks: Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        let rest = drop(while: isBlank)
        return rest.lastIndex { !isBlank($0) }.map { rest[...$0] } ?? ""
    }
}
