/// Where a request came from and how it was answered.
package struct AuditOrigin: Sendable, Hashable {
    package var address: AuditAddress?
    package var userAgent: AuditUserAgent?
    /// Also in the answer's header.
    package var requestID: AuditSlug?
    package var traceID: AuditSlug?
    package var method: AuditMethod?
    /// The status of the answer.
    package var status: UInt16?
    package var bulk: AuditBulkPosition?

    package init(
        address: AuditAddress? = nil,
        userAgent: AuditUserAgent? = nil,
        requestID: AuditSlug? = nil,
        traceID: AuditSlug? = nil,
        method: AuditMethod? = nil,
        status: UInt16? = nil,
        bulk: AuditBulkPosition? = nil
    ) {
        self.address = address
        self.userAgent = userAgent
        self.requestID = requestID
        self.traceID = traceID
        self.method = method
        self.status = status
        self.bulk = bulk
    }
}

/// A request's method; every method that is not SCIM's is one word.
package enum AuditMethod: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    case other = "OTHER"

    /// Reads a method's name, which is case-sensitive (RFC 9110 §9.1).
    package init(_ text: String) { self = AuditMethod(rawValue: text) ?? .other }
}

/// The place of an operation in a bulk request.
package struct AuditBulkPosition: Sendable, Hashable {
    /// The client's `bulkId`, only if it is a slug.
    package let id: AuditSlug?
    /// Counts from 0.
    package let index: UInt32

    package init(id: AuditSlug?, index: UInt32) {
        self.id = id
        self.index = index
    }
}

/// The `User-Agent` field, made harmless: the only free text of a client that a record holds.
///
/// Controls (C0, DEL, C1, U+2028 and U+2029) and bidirectional overrides become `?`; the text is cut at 256 bytes,
/// never inside a character.
package struct AuditUserAgent: Sendable, Hashable {
    package let text: String

    package static let bytesMax = 256

    /// Cleans a text; nil if it is empty.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        if text.utf8.count <= AuditUserAgent.bytesMax, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
            self.text = text
            return
        }
        var clean = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let kept = AuditUserAgent.isHarmless(scalar) ? scalar : "?"
            bytes += UTF8.width(kept)
            guard bytes <= AuditUserAgent.bytesMax else { break }
            clean.unicodeScalars.append(kept)
        }
        self.text = clean
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        default: true
        }
    }
}
