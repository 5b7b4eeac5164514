import HTTP

/// Requests to one server, as bytes; holds its token, and is never printed.
package struct RequestWriter: Sendable {
    /// Path of the Tenant URL without a slash at its end.
    private let base: String
    /// What every head has behind its target.
    private let common: String

    /// Requests below a URL.
    ///
    /// - Precondition: the token has visible ASCII characters only.
    package init(url: RemoteURL, token: String, version: String) {
        precondition(token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a token is visible")
        var base = url.requestTarget
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        common = """
             HTTP/1.1\r
            Host: \(url.authority)\r
            User-Agent: pharos-scim-load/\(version)\r
            Accept: application/scim+json\r
            Authorization: Bearer \(token)\r

            """
    }

    /// Appends a request to a path below the URL.
    package func write(
        _ method: StaticString,
        _ path: String,
        _ body: String? = nil,
        to output: inout [UInt8]
    ) {
        method.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: base.utf8)
        output.append(contentsOf: path.utf8)
        output.append(contentsOf: common.utf8)
        if let body {
            output.append(contentsOf: "Content-Type: application/scim+json\r\nContent-Length: ".utf8)
            output.append(contentsOf: "\(body.utf8.count)\r\n\r\n".utf8)
            output.append(contentsOf: body.utf8)
        } else {
            output.append(contentsOf: "\r\n".utf8)
        }
    }

    /// The path of a resource.
    static func path(_ endpoint: String, _ id: String) -> String {
        "/\(endpoint)/\(PercentEncoding.encode(id))"
    }
}
