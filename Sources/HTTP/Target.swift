/// A request target (RFC 9112 §3.2), checked when it is parsed and decoded only when asked.
///
/// Every percent-encoding in it is well-formed and decodes to UTF-8, and its path has no `.` or `..` segment and no
/// encoded slash or control character, so nothing below can fail.
package struct Target: Sendable {
    /// A name and value of the query; a parameter without `=` has an empty value.
    package struct QueryItem: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where the parts lie in the head's bytes.
    struct Parts: Sendable {
        var whole: Range<Int>
        var authority: Range<Int>?
        /// Empty in asterisk-form and in an absolute-form without a path.
        var path: Range<Int>
        /// Without the question mark; nil when there is none.
        var query: Range<Int>?
        var isAsterisk = false
        var isHTTPS = false
        /// Whether nothing in it decodes to anything but ASCII.
        var isASCII = true
    }

    let bytes: [UInt8]
    let parts: Parts

    init(bytes: [UInt8], parts: Parts) {
        self.bytes = bytes
        self.parts = parts
    }

    /// The target that `text` spells in origin-form, absolute-form or as `*`.
    ///
    /// - Throws: ``Rejection/malformed(_:)``, as for a target from the wire.
    package init(_ text: String) throws(Rejection) {
        let bytes = Array(text.utf8)
        self.init(bytes: bytes, parts: try TargetParser.parse(bytes.span, in: 0..<bytes.count))
    }

    /// The target as it was sent.
    package var text: String { String(decoding: bytes[parts.whole], as: UTF8.self) }

    /// The path as it was sent, `/` when absolute-form had none, and `*` in asterisk-form.
    package var path: String {
        if parts.isAsterisk { return "*" }
        return parts.path.isEmpty ? "/" : String(decoding: bytes[parts.path], as: UTF8.self)
    }

    /// The query as it was sent, without its question mark.
    package var query: String? { parts.query.map { String(decoding: bytes[$0], as: UTF8.self) } }

    /// Host and port of an absolute-form target, which are those of the Host field when there is one.
    package var authority: String? { parts.authority.map { String(decoding: bytes[$0], as: UTF8.self) } }

    /// Whether this is the `*` of `OPTIONS *` (RFC 9112 §3.2.4).
    package var isAsterisk: Bool { parts.isAsterisk }

    /// Calls `body` with the target as it was sent, without copying.
    package func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R { body(bytes.span.extracting(parts.whole)) }

    /// A part of the target as it was sent, percent-decoded; the part ends inside no percent-encoding.
    package func decodedBytes(in part: Range<Int>) -> [UInt8] {
        let start = parts.whole.lowerBound
        return TargetParser.decoded(
            bytes.span,
            in: start + part.lowerBound..<start + part.upperBound,
            plusIsSpace: false
        )
    }

    /// Whether there is a query, be it an empty one.
    package var hasQuery: Bool { parts.query != nil }

    /// Calls `body` with the raw bytes of the query, without copying; empty when there is none.
    package func withQueryBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
        body(bytes.span.extracting(parts.query ?? 0..<0))
    }
}

extension Target {
    /// The segments of the path, percent-decoded (RFC 3986 §3.3), without the empty ones.
    ///
    /// Clients join a base URL and an endpoint carelessly: `//Users` and `/Users/` are `["Users"]`. Decodes at each
    /// call.
    package var segments: [String] {
        var segments: [String] = []
        segments.reserveCapacity(8)
        forEachPiece(of: parts.path, at: ASCII.slash) { segments.append(decoded($0, plusIsSpace: false)) }
        return segments
    }

    /// The segments behind a beginning of the path that is there as it was sent; nil if it is not, or goes on in its last segment.
    package func segments(behind beginning: [UInt8]) -> [String]? {
        let (span, path) = (bytes.span, parts.path)
        let end = path.lowerBound + beginning.count
        guard end <= path.upperBound, end == path.upperBound || span[end] == ASCII.slash else { return nil }
        for index in beginning.indices where span[path.lowerBound + index] != beginning[index] { return nil }
        var segments: [String] = []
        forEachPiece(of: end..<path.upperBound, at: ASCII.slash) {
            segments.append(decoded($0, plusIsSpace: false))
        }
        return segments
    }

    /// The parameters of the query in order, percent-decoded and with `+` as a space (E-06).
    ///
    /// Empty parameters, as in `?`, `?a=b&` and `?&a=b`, are dropped. Decodes at each call.
    package var queryItems: [QueryItem] {
        guard let query = parts.query else { return [] }
        var items: [QueryItem] = []
        items.reserveCapacity(4)
        forEachPiece(of: query, at: ASCII.ampersand) { item in
            let span = bytes.span
            var nameEnd = item.lowerBound
            while nameEnd < item.upperBound, span[nameEnd] != ASCII.equals { nameEnd += 1 }
            let valueStart = min(nameEnd + 1, item.upperBound)
            items.append(
                QueryItem(
                    name: decoded(item.lowerBound..<nameEnd, plusIsSpace: true),
                    value: decoded(valueStart..<item.upperBound, plusIsSpace: true)
                )
            )
        }
        return items
    }

    /// Visits what stands between the separators, without the empty pieces.
    private func forEachPiece(of range: Range<Int>, at separator: UInt8, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        let span = bytes.span
        for index in range where span[index] == separator {
            if start < index { body(start..<index) }
            start = index + 1
        }
        if start < range.upperBound { body(start..<range.upperBound) }
    }

    private func decoded(_ range: Range<Int>, plusIsSpace: Bool) -> String {
        let span = bytes.span
        var index = range.lowerBound
        while index < range.upperBound, span[index] != ASCII.percent,
            span[index] != ASCII.plus || !plusIsSpace
        {
            index += 1
        }
        if index == range.upperBound { return String(decoding: bytes[range], as: UTF8.self) }
        return String(
            decoding: TargetParser.decoded(bytes.span, in: range, plusIsSpace: plusIsSpace),
            as: UTF8.self
        )
    }
}
