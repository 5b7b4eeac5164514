/// A status code with its reason phrase (RFC 9110 §15); two statuses are equal when their codes are.
package struct Status: Sendable {
    /// Between 100 and 599.
    package let code: UInt16
    package let reason: String

    /// A status with a reason phrase of visible ASCII characters and spaces.
    ///
    /// - Precondition: `code` is between 100 and 599.
    package init(_ code: UInt16, _ reason: String) {
        precondition((100...599).contains(code), "a status code lies between 100 and 599")
        precondition(
            reason.utf8.allSatisfy { (0x20...0x7E).contains($0) },
            "a reason phrase is printable ASCII"
        )
        self.code = code
        self.reason = reason
    }

    /// Used by the constants below, whose arguments are literals.
    private init(known code: UInt16, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension Status: Hashable {
    package static func == (left: Status, right: Status) -> Bool { left.code == right.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension Status {
    package static var ok: Status { Status(known: 200, "OK") }
    package static var created: Status { Status(known: 201, "Created") }
    package static var accepted: Status { Status(known: 202, "Accepted") }
    package static var noContent: Status { Status(known: 204, "No Content") }
    package static var seeOther: Status { Status(known: 303, "See Other") }
    package static var notModified: Status { Status(known: 304, "Not Modified") }
    package static var temporaryRedirect: Status { Status(known: 307, "Temporary Redirect") }
    package static var permanentRedirect: Status { Status(known: 308, "Permanent Redirect") }
    package static var badRequest: Status { Status(known: 400, "Bad Request") }
    package static var unauthorized: Status { Status(known: 401, "Unauthorized") }
    package static var forbidden: Status { Status(known: 403, "Forbidden") }
    package static var notFound: Status { Status(known: 404, "Not Found") }
    package static var methodNotAllowed: Status { Status(known: 405, "Method Not Allowed") }
    package static var notAcceptable: Status { Status(known: 406, "Not Acceptable") }
    package static var requestTimeout: Status { Status(known: 408, "Request Timeout") }
    package static var conflict: Status { Status(known: 409, "Conflict") }
    package static var gone: Status { Status(known: 410, "Gone") }
    package static var lengthRequired: Status { Status(known: 411, "Length Required") }
    package static var preconditionFailed: Status { Status(known: 412, "Precondition Failed") }
    package static var contentTooLarge: Status { Status(known: 413, "Content Too Large") }
    package static var uriTooLong: Status { Status(known: 414, "URI Too Long") }
    package static var unsupportedMediaType: Status { Status(known: 415, "Unsupported Media Type") }
    package static var expectationFailed: Status { Status(known: 417, "Expectation Failed") }
    package static var misdirectedRequest: Status { Status(known: 421, "Misdirected Request") }
    package static var tooManyRequests: Status { Status(known: 429, "Too Many Requests") }
    package static var headerFieldsTooLarge: Status { Status(known: 431, "Request Header Fields Too Large") }
    package static var internalServerError: Status { Status(known: 500, "Internal Server Error") }
    package static var notImplemented: Status { Status(known: 501, "Not Implemented") }
    package static var badGateway: Status { Status(known: 502, "Bad Gateway") }
    package static var serviceUnavailable: Status { Status(known: 503, "Service Unavailable") }
    package static var httpVersionNotSupported: Status { Status(known: 505, "HTTP Version Not Supported") }
    package static var insufficientStorage: Status { Status(known: 507, "Insufficient Storage") }

    /// Every status above, for tables.
    package static var allKnown: [Status] {
        [
            .ok, .created, .accepted, .noContent, .seeOther, .notModified, .temporaryRedirect,
            .permanentRedirect, .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed,
            .notAcceptable, .requestTimeout, .conflict, .gone, .lengthRequired, .preconditionFailed,
            .contentTooLarge, .uriTooLong, .unsupportedMediaType, .expectationFailed, .misdirectedRequest,
            .tooManyRequests, .headerFieldsTooLarge, .internalServerError, .notImplemented, .badGateway,
            .serviceUnavailable, .httpVersionNotSupported, .insufficientStorage,
        ]
    }
}

extension Status {
    /// The place in a table by status: that in ``allKnown``, and behind it one for all others.
    package var place: Int { Int(Self.places[Int(code) - 100]) }

    /// How many places there are.
    package static let placesMax = 33

    private static let places: [UInt8] = {
        var places = [UInt8](repeating: UInt8(placesMax - 1), count: 500)
        for (place, status) in allKnown.enumerated() { places[Int(status.code) - 100] = UInt8(place) }
        return places
    }()

    /// The code of each place.
    package static let codes = allKnown.map { "\($0.code)" } + ["other"]
}
