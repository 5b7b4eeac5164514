import Directory
import HTTP
import SCIM
import Tenancy

/// Tells the client behind a request by what it is known to send; changes nothing about the answer.
///
/// Costs a few bytes of a field that is parsed already. The query is looked at only where the field alone does not tell.
enum ClientRecognition {
    /// How each product's `User-Agent` begins, in lower case.
    private static let userAgents: [(prefix: [UInt8], product: ClientProduct)] = [
        (Array("okta scim client".utf8), .okta),
        (Array("onelogin".utf8), .oneLogin),
        (Array("jumpcloud".utf8), .jumpCloud),
        (Array("pingfederate".utf8), .pingIdentity),
        (Array("pingone".utf8), .pingIdentity),
        (Array("sailpoint".utf8), .sailPoint),
        (Array("google-auto-provisioning".utf8), .google),
        (Array("authentik@".utf8), .authentik),
        (Array("keycloak".utf8), .keycloak),
        (Array("rippling".utf8), .rippling),
    ]

    /// The product that the request shows.
    ///
    /// `known`: the products that the tenant's traffic has shown; a request that names no client is taken for one of those that
    /// name none.
    static func product(of request: Request, _ known: ClientProducts) -> ClientProduct? {
        enum Agent { case absent, empty, generic, known(ClientProduct), other }
        let agent =
            request.fields.withBytes(of: .userAgent) { value -> Agent in
                guard !value.isEmpty else { return .empty }
                if let found = userAgents.first(where: { begins(value, with: $0.prefix) }) {
                    return .known(found.product)
                }
                return begins(value, with: apacheClient) ? .generic : .other
            } ?? .absent
        return switch agent {
        case .known(let product): product
        case .other: nil
        // Entra names no client at all, and writes a space as `+`, or carries the flag of its newer dialect.
        case .absent: known.contains(.entra) || queryContains(request, entraMarks) ? .entra : nil
        // OneLogin's field is empty, and its targets end in a stray separator.
        case .empty: known.contains(.oneLogin) || hasStraySeparator(request) ? .oneLogin : nil
        // PingFederate writes its operator with a capital.
        case .generic:
            known.contains(.pingIdentity) || queryContains(request, capitalisedEquals) ? .pingIdentity : nil
        }
    }

    private static let apacheClient = Array("apache-httpclient".utf8)
    private static let entraMarks = ["+", "aadOptscim062020"].map { Array($0.utf8) }
    private static let capitalisedEquals = ["+Eq+", "%20Eq%20"].map { Array($0.utf8) }

    /// Whether a value begins with a lower-case text, in any case.
    private static func begins(_ value: Span<UInt8>, with prefix: [UInt8]) -> Bool {
        guard value.count >= prefix.count else { return false }
        for index in prefix.indices {
            let byte = value[index]
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            guard (isUpper ? byte | 0x20 : byte) == prefix[index] else { return false }
        }
        return true
    }

    private static func queryContains(_ request: Request, _ texts: [[UInt8]]) -> Bool {
        request.target.withQueryBytes { query in
            for text in texts where contains(query, text) { return true }
            return false
        }
    }

    private static func contains(_ bytes: Span<UInt8>, _ text: [UInt8]) -> Bool {
        guard bytes.count >= text.count else { return false }
        for start in 0...bytes.count - text.count where bytes[start] == text[0] {
            var length = 1
            while length < text.count, bytes[start + length] == text[length] { length += 1 }
            if length == text.count { return true }
        }
        return false
    }

    private static func hasStraySeparator(_ request: Request) -> Bool {
        let last = request.target.text.utf8.last
        return last == UInt8(ascii: "?") || last == UInt8(ascii: "&")
    }
}

extension RequestPipeline {
    /// The answer to a request, behind a note of a client that the tenant sees for the first time.
    func noting(_ outcome: consuming Outcome, _ exchange: Exchange) -> Outcome {
        guard let access = exchange.access, !access.isOperators, let client = exchange.client,
            !access.tenant.clients.contains(client)
        else { return outcome }
        let answer = consume outcome
        return .pending {
            await self.directory.note(client, access, origin: exchange.origin)
            return switch answer {
            case .ready(let response): response
            case .pending(let operation): await operation()
            }
        }
    }
}
