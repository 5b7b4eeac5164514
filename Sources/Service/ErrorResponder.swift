import Audit
import Directory
import HTTP
import SCIM
import Tenancy

/// A refusal on its way to the client: the one place where errors become HTTP statuses (RFC 7644 §3.12).
struct Refusal: Error, CustomStringConvertible {
    let status: Status
    let keyword: SCIMError.Keyword?
    let detail: String
    /// What the audit trail calls it.
    let reason: AuditReason
    var fields: [(FieldName, String)] = []
    /// Whether the message was refused before it was clear what it would have done to a resource.
    private(set) var concernsNoResource = false
    /// What the detail is, if it is one of the sentences that hold no value.
    private(set) var sentence: FixedSentence?

    var description: String { detail }

    init(
        _ status: Status,
        _ detail: String,
        keyword: SCIMError.Keyword? = nil,
        reason: AuditReason,
        fields: [(FieldName, String)] = []
    ) {
        self.status = status
        self.keyword = keyword
        self.detail = detail
        self.reason = reason
        self.fields = fields
    }

    init(
        _ status: Status,
        _ sentence: FixedSentence,
        keyword: SCIMError.Keyword? = nil,
        reason: AuditReason,
        fields: [(FieldName, String)] = []
    ) {
        self.init(status, sentence.text, keyword: keyword, reason: reason, fields: fields)
        self.sentence = sentence
    }

    var concerningNoResource: Refusal {
        var refusal = self
        refusal.concernsNoResource = true
        return refusal
    }

    init(_ error: SCIMError) {
        let status: Status =
            switch error.keyword {
            case .uniqueness: .conflict
            case .sensitive: .forbidden
            default: .badRequest
            }
        self.init(status, error.detail, keyword: error.keyword, reason: AuditReason(error.keyword))
        sentence = FixedSentence(error)
    }

    /// `requestID`: named in what only the operator can explain.
    init(_ error: DirectoryError, requestID: RequestID) {
        switch error {
        case .notFound:
            self = .noSuchResource
        case .versionMismatch:
            self.init(
                .preconditionFailed,
                .versionMismatch,
                reason: .versionMismatch
            )
        case .rejected(let error):
            self.init(error)
        case .tooLarge(let limit):
            self.init(.contentTooLarge, limit, reason: .tooLarge)
        case .unmade(let place):
            self.init(
                .conflict,
                "It refers to the new resource of Operations[\(place)], which was not created.",
                reason: .conflict
            )
        case .busy, .tooLongForLoop:
            self.init(
                .serviceUnavailable,
                .busy,
                reason: .busy,
                fields: [(.retryAfter, "1")]
            )
        case .auditUnavailable:
            self.init(
                .serviceUnavailable,
                .auditUnavailable,
                reason: .auditUnavailable,
                fields: [(.retryAfter, "30")]
            )
        case .full:
            self.init(
                .insufficientStorage,
                .full,
                reason: .storeFull
            )
        case .clockAhead:
            self.init(
                .serviceUnavailable,
                .clockAhead,
                reason: .storeFailure,
                fields: [(.retryAfter, "30")]
            )
        case .outcomeUnknown:
            self.init(
                .internalServerError,
                "The change may or may not have been made: read the resource again. Request \(requestID).",
                reason: .outcomeUnknown
            )
        case .storage:
            self.init(
                .internalServerError,
                "The server failed; its operator finds the cause under request \(requestID).",
                reason: .storeFailure
            )
        }
    }

    /// The same for an id that never was, one that is gone, and one of another tenant.
    static let noSuchResource = Refusal(.notFound, .noSuchResource, reason: .notFound)

    static let noSuchEndpoint = Refusal(.notFound, .noSuchEndpoint, reason: .notFound)

    /// Which credential was wrong in which way is for the audit trail only.
    static let unauthorized = Refusal(
        .unauthorized,
        .unauthorized,
        reason: .unknown,
        fields: [(.wwwAuthenticate, #"Bearer realm="scim""#)]
    )

    /// A change that was made, whose record nobody has seen in the journal.
    static let unconfirmed = Refusal(
        .serviceUnavailable,
        .unconfirmed,
        reason: .auditUnavailable,
        fields: [(.retryAfter, "30")]
    )

    static let suspended = Refusal(
        .forbidden,
        .suspended,
        reason: .disabled
    )

    /// The same whether it is the tenant that asks too often or an address that guesses: nobody is told which tokens are good.
    static func tooManyRequests(_ seconds: Int) -> Refusal {
        Refusal(
            .tooManyRequests,
            .tooManyRequests,
            reason: .rate,
            fields: [(.retryAfter, "\(seconds)")]
        )
    }

    static func methodNotAllowed(_ allowed: [Method]) -> Refusal {
        Refusal(
            .methodNotAllowed,
            .methodNotAllowed,
            reason: .methodNotAllowed,
            fields: [(.allow, allowed.map(\.text).joined(separator: ", "))]
        )
    }

    /// The field tells what would have been read (RFC 9110 §15.5.16).
    static let compressed = Refusal(
        .unsupportedMediaType,
        .compressed,
        reason: .mediaType,
        fields: [(.acceptEncoding, MediaType.identity)]
    ).concerningNoResource

    var message: ErrorMessage {
        ErrorMessage(status: Int(status.code), keyword: keyword, detail: detail)
    }

    /// The answer of a refusal because too much waits: when to come again follows from how long that takes.
    func response(after wait: Duration) -> Response {
        var refusal = self
        // Rounded up, since half a second is none in this field.
        let seconds = min(max(1, wait.components.seconds + 1), Self.busySecondsMax)
        refusal.fields.removeAll { $0.0 == .retryAfter }
        refusal.fields.append((.retryAfter, "\(seconds)"))
        return refusal.response
    }

    /// Nobody is sent away for longer: what waits has limits, and is gone by then.
    private static let busySecondsMax: Int64 = 30

    var response: Response {
        var body: [UInt8] = []
        message.write(to: &body)
        return Response(status, fields: fields, contentType: MediaType.scim, body: body)
    }
}

/// Media types and content codings of messages (RFC 7644 §3.8, §8.1).
enum MediaType {
    static let scim = "application/scim+json"
    /// The content coding of a body that is sent as it is.
    static let identity = "identity"

    /// Whether a request's Content-Type is one we read; parameters do not matter, and none at all is fine.
    static func isReadable(_ field: String?) -> Bool {
        guard let field, field != scim else { return true }
        let type = field.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
        return type == scim || type == "application/json"
    }

    /// Whether a request's body has no content coding; `identity` is none (RFC 9110 §8.4.1).
    static func isUncompressed(_ fields: Fields) -> Bool {
        guard fields.contains(.contentEncoding) else { return true }
        return fields.all(.contentEncoding).allSatisfy { field in
            field.split(separator: ",").allSatisfy {
                ["", identity].contains($0.trimming(" \t").lowercased())
            }
        }
    }
}
