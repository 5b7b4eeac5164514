import JSON

/// A list response, written around resources that are already encoded (RFC 7644 §3.4.2).
package enum ListResponse {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

    /// Writes everything up to the first resource.
    package static func begin(_ output: inout [UInt8]) {
        output += beginning
    }

    private static let beginning = Array(#"{"schemas":["\#(schema)"],"Resources":["#.utf8)

    /// Writes everything behind the last resource.
    ///
    /// `totalResults` counts matches, `itemsPerPage` those in this answer.
    package static func end(
        _ output: inout [UInt8],
        totalResults: Int,
        startIndex: Int,
        itemsPerPage: Int
    ) {
        output += #"],"totalResults":"#.utf8
        JSONWriter.appendInteger(Int64(totalResults), to: &output)
        output += #","startIndex":"#.utf8
        JSONWriter.appendInteger(Int64(startIndex), to: &output)
        output += #","itemsPerPage":"#.utf8
        JSONWriter.appendInteger(Int64(itemsPerPage), to: &output)
        output.append(UInt8(ascii: "}"))
    }

    /// Writes everything behind the last resource of a page by cursor (RFC 9865 §2).
    ///
    /// `totalResults`: nil if it is not known. `previousCursor` and `nextCursor`: nil where there is no such page.
    package static func end(
        _ output: inout [UInt8],
        totalResults: Int?,
        itemsPerPage: Int,
        previousCursor: String?,
        nextCursor: String?
    ) {
        output += #"],"itemsPerPage":"#.utf8
        JSONWriter.appendInteger(Int64(itemsPerPage), to: &output)
        if let totalResults {
            output += #","totalResults":"#.utf8
            JSONWriter.appendInteger(Int64(totalResults), to: &output)
        }
        for (name, cursor) in [("previousCursor", previousCursor), ("nextCursor", nextCursor)] {
            guard let cursor else { continue }
            output.append(UInt8(ascii: ","))
            JSONWriter.appendString(name, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONWriter.appendString(cursor, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}

/// An error as a client reads it (RFC 7644 §3.12).
package struct ErrorMessage: Sendable {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:Error"

    let status: Int
    let keyword: SCIMError.Keyword?
    let detail: String

    package init(status: Int, keyword: SCIMError.Keyword?, detail: String) {
        self.status = status
        self.keyword = keyword
        self.detail = detail
    }

    package func write(to output: inout [UInt8]) {
        var object = JSONObject()
        object["schemas"] = .array([.string(Self.schema)])
        object["status"] = .string(String(status))
        if let keyword { object["scimType"] = .string(keyword.rawValue) }
        object["detail"] = .string(detail)
        JSONValue.object(object).write(to: &output)
    }
}
