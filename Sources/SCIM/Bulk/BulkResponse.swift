import JSON

/// What became of one operation of a bulk request.
package struct BulkResult: Sendable {
    package let method: BulkMethod?
    package let bulkID: String?
    /// The resource's URI; nil if there is none because it was not created.
    package let location: String?
    /// The entity tag of the version that the resource has now.
    package let version: String?
    package let status: Int
    /// Why the operation was refused; nil if it was not.
    package let refusal: ErrorMessage?

    package init(
        _ operation: BulkOperation,
        location: String?,
        version: String?,
        status: Int,
        refusal: ErrorMessage? = nil
    ) {
        method = operation.method
        bulkID = operation.bulkID
        self.location = location
        self.version = version
        self.status = status
        self.refusal = refusal
    }
}

/// The answer to a bulk request (RFC 7644 §3.7): no resource is repeated in it.
package enum BulkResponse {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

    package static func write(_ results: some Sequence<BulkResult>, to output: inout [UInt8]) {
        output += #"{"schemas":["\#(schema)"],"Operations":["#.utf8
        var isFirst = true
        for result in results {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            result.write(to: &output)
        }
        output += "]}".utf8
    }
}

extension BulkResult {
    fileprivate func write(to output: inout [UInt8]) {
        // The one member that is always there ends the object.
        output.append(UInt8(ascii: "{"))
        let texts = [
            ("method", method?.rawValue), ("bulkId", bulkID), ("location", location), ("version", version),
        ]
        for case (let name, let text?) in texts {
            output += "\"\(name)\":".utf8
            JSONWriter.appendString(text, to: &output)
            output.append(UInt8(ascii: ","))
        }
        if let refusal {
            output += #""response":"#.utf8
            refusal.write(to: &output)
            output.append(UInt8(ascii: ","))
        }
        output += #""status":"\#(status)"}"#.utf8
    }
}
