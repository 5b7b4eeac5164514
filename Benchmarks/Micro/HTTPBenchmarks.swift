import Benchmark
import HTTP

/// Requests from bytes to a value, responses back to bytes, as on a connection that is kept alive.
enum HTTPBenchmarks {
    static func register() {
        registerParsing("filter GET", Array(filterRequest.utf8))
        registerParsing("user PATCH with content", Array(patchRequest.utf8))
        registerEncoding()
    }

    private static func registerParsing(_ what: String, _ message: [UInt8]) {
        Benchmark("HTTP parse a request: \(what), \(message.count) B") { benchmark in
            var parser = RequestParser(peer: Peer(address: "127.0.0.1", isSecure: true))
            for _ in benchmark.scaledIterations {
                parser.append(message[...])
                guard case .request(let request) = try parser.next() else {
                    preconditionFailure("The sample is one whole request.")
                }
                blackHole(request)
            }
        }
    }

    private static func registerEncoding() {
        let date = HTTPDate(secondsSince1970: 1_795_482_123)
        let response = Response(
            .ok,
            fields: [(.eTag, #"W/"4711""#)],
            contentType: "application/scim+json",
            body: SampleUser.json
        )
        Benchmark("HTTP encode a response into a kept buffer: user, 1.1 kB") { benchmark in
            var output: [UInt8] = []
            for _ in benchmark.scaledIterations {
                output.removeAll(keepingCapacity: true)
                ResponseEncoder.encode(response, forHEAD: false, close: false, date: date, into: &output)
                blackHole(output)
            }
        }
        Benchmark("HTTP date: 29 B") { benchmark in
            for second in benchmark.scaledIterations {
                blackHole(HTTPDate(secondsSince1970: 1_795_482_123 + Int64(second)))
            }
        }
    }
}

// MARK: - What clients send

extension HTTPBenchmarks {
    private static let commonFields = """
        Host: scim.example.com:8443\r
        User-Agent: Okta SCIM Client 1.0.0\r
        Accept: application/scim+json\r
        Accept-Encoding: gzip,deflate\r
        Authorization: Bearer phs_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG\r

        """

    /// How Okta looks for a user before it creates one.
    static let filterRequest = """
        GET /acme/scim/v2/Users?filter=userName%20eq%20%22joerg.weber%40example.com%22\
        &startIndex=1&count=100 HTTP/1.1\r
        \(commonFields)\r

        """

    static let patchRequest = """
        PATCH /acme/scim/v2/Users/019ab1c2-5d3e-7f40-8a11-2b3c4d5e6f70 HTTP/1.1\r
        \(commonFields)Content-Type: application/scim+json; charset=utf-8\r
        Content-Length: \(patchContent.utf8.count)\r
        \r
        \(patchContent)
        """

    private static let patchContent = """
        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],\
        "Operations":[{"op":"replace","value":{"active":false}}]}
        """
}
