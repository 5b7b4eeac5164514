/// A field name (RFC 9110 §5.1), compared without case.
package struct FieldName: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case known(WellKnownField)
        /// In lower case.
        case other(String)
    }

    let kind: Kind

    init(_ field: WellKnownField) { kind = .known(field) }

    /// The field with this name.
    ///
    /// - Precondition: `text` is a token (RFC 9110 §5.6.2): names come from the program, never from a client.
    package init(_ text: String) {
        precondition(!text.isEmpty && text.utf8.allSatisfy(ByteSet.token.contains), "a field name is a token")
        if let field = WellKnownField(matching: text.utf8Span.span) {
            kind = .known(field)
        } else {
            kind = .other(String(decoding: text.utf8.lazy.map(lowercasedASCII), as: UTF8.self))
        }
    }

    /// The usual spelling, or lower case for a name that is not among the constants.
    package var text: String {
        switch kind {
        case .known(let field): field.rawValue
        case .other(let text): text
        }
    }
}

/// The names that are recognised while parsing, without making a `String`.
enum WellKnownField: String, Sendable, CaseIterable {
    case accept = "Accept"
    case acceptCharset = "Accept-Charset"
    case acceptEncoding = "Accept-Encoding"
    case acceptLanguage = "Accept-Language"
    case allow = "Allow"
    case authorization = "Authorization"
    case cacheControl = "Cache-Control"
    case connection = "Connection"
    case contentEncoding = "Content-Encoding"
    case contentLength = "Content-Length"
    case contentLocation = "Content-Location"
    case contentSecurityPolicy = "Content-Security-Policy"
    case contentType = "Content-Type"
    case cookie = "Cookie"
    case date = "Date"
    case eTag = "ETag"
    case expect = "Expect"
    case forwarded = "Forwarded"
    case host = "Host"
    case ifMatch = "If-Match"
    case ifModifiedSince = "If-Modified-Since"
    case ifNoneMatch = "If-None-Match"
    case ifUnmodifiedSince = "If-Unmodified-Since"
    case keepAlive = "Keep-Alive"
    case lastModified = "Last-Modified"
    case link = "Link"
    case location = "Location"
    case origin = "Origin"
    case prefer = "Prefer"
    case preferenceApplied = "Preference-Applied"
    case range = "Range"
    case referer = "Referer"
    case referrerPolicy = "Referrer-Policy"
    case retryAfter = "Retry-After"
    case server = "Server"
    case setCookie = "Set-Cookie"
    case strictTransportSecurity = "Strict-Transport-Security"
    case te = "TE"
    case trailer = "Trailer"
    case transferEncoding = "Transfer-Encoding"
    case upgrade = "Upgrade"
    case userAgent = "User-Agent"
    case vary = "Vary"
    case via = "Via"
    case wwwAuthenticate = "WWW-Authenticate"
    case xContentTypeOptions = "X-Content-Type-Options"
    case xForwardedFor = "X-Forwarded-For"
    case xFrameOptions = "X-Frame-Options"
    case xRequestID = "X-Request-ID"

    /// A field with its name in lower case, ready to be compared.
    private struct Candidate {
        let field: WellKnownField
        let name: [UInt8]
    }

    private static let byLength: [[Candidate]] = {
        var table: [[Candidate]] = []
        for field in allCases {
            let name = field.rawValue.utf8.map(lowercasedASCII)
            while table.count <= name.count { table.append([]) }
            table[name.count].append(Candidate(field: field, name: name))
        }
        return table
    }()

    /// The field whose name these bytes are, whatever their case; nil when there is none.
    init?(matching bytes: Span<UInt8>) {
        let table = Self.byLength
        guard bytes.count < table.count else { return nil }
        for candidate in table[bytes.count] where candidate.name.matches(bytes) {
            self = candidate.field
            return
        }
        return nil
    }
}

extension [UInt8] {
    /// Whether these bytes, in lower case, are the others, whatever their case; both are equally long.
    @inline(__always)
    fileprivate func matches(_ others: Span<UInt8>) -> Bool {
        for index in indices where self[index] != lowercasedASCII(others[index]) { return false }
        return true
    }
}

extension FieldName {
    package static var accept: FieldName { FieldName(.accept) }
    package static var acceptEncoding: FieldName { FieldName(.acceptEncoding) }
    package static var acceptLanguage: FieldName { FieldName(.acceptLanguage) }
    package static var allow: FieldName { FieldName(.allow) }
    package static var authorization: FieldName { FieldName(.authorization) }
    package static var cacheControl: FieldName { FieldName(.cacheControl) }
    package static var connection: FieldName { FieldName(.connection) }
    package static var contentEncoding: FieldName { FieldName(.contentEncoding) }
    package static var contentLength: FieldName { FieldName(.contentLength) }
    package static var contentLocation: FieldName { FieldName(.contentLocation) }
    package static var contentSecurityPolicy: FieldName { FieldName(.contentSecurityPolicy) }
    package static var contentType: FieldName { FieldName(.contentType) }
    package static var cookie: FieldName { FieldName(.cookie) }
    package static var date: FieldName { FieldName(.date) }
    package static var eTag: FieldName { FieldName(.eTag) }
    package static var expect: FieldName { FieldName(.expect) }
    package static var forwarded: FieldName { FieldName(.forwarded) }
    package static var host: FieldName { FieldName(.host) }
    package static var ifMatch: FieldName { FieldName(.ifMatch) }
    package static var ifModifiedSince: FieldName { FieldName(.ifModifiedSince) }
    package static var ifNoneMatch: FieldName { FieldName(.ifNoneMatch) }
    package static var ifUnmodifiedSince: FieldName { FieldName(.ifUnmodifiedSince) }
    package static var lastModified: FieldName { FieldName(.lastModified) }
    package static var link: FieldName { FieldName(.link) }
    package static var location: FieldName { FieldName(.location) }
    package static var origin: FieldName { FieldName(.origin) }
    package static var prefer: FieldName { FieldName(.prefer) }
    package static var preferenceApplied: FieldName { FieldName(.preferenceApplied) }
    package static var referrerPolicy: FieldName { FieldName(.referrerPolicy) }
    package static var retryAfter: FieldName { FieldName(.retryAfter) }
    package static var server: FieldName { FieldName(.server) }
    package static var setCookie: FieldName { FieldName(.setCookie) }
    package static var strictTransportSecurity: FieldName { FieldName(.strictTransportSecurity) }
    package static var transferEncoding: FieldName { FieldName(.transferEncoding) }
    package static var upgrade: FieldName { FieldName(.upgrade) }
    package static var userAgent: FieldName { FieldName(.userAgent) }
    package static var vary: FieldName { FieldName(.vary) }
    package static var wwwAuthenticate: FieldName { FieldName(.wwwAuthenticate) }
    package static var xContentTypeOptions: FieldName { FieldName(.xContentTypeOptions) }
    package static var xForwardedFor: FieldName { FieldName(.xForwardedFor) }
    package static var xFrameOptions: FieldName { FieldName(.xFrameOptions) }
    package static var xRequestID: FieldName { FieldName(.xRequestID) }

    /// Names the request in the operator's records; the same id is in the audit trail.
    package static let requestID = FieldName("Request-Id")
}
