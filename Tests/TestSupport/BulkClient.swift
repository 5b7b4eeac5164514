internal import HTTP
internal import SCIM

extension TestClient {
    /// Sends a bulk request of operations that are JSON already.
    package func bulk(
        _ operations: [String],
        failOnErrors: Int? = nil,
        isAtomic: Bool = false
    ) async throws -> TestAnswer {
        let limit = failOnErrors.map { #","failOnErrors":\#($0)"# } ?? ""
        return try await send(
            .post,
            "/Bulk",
            #"{"schemas":["\#(BulkRequest.schema)"]\#(limit),"Operations":[\#(operations.joined(separator: ","))]}"#,
            fields: isAtomic ? [(.prefer, "transaction=all")] : []
        )
    }
}

/// Operations of bulk requests as JSON.
package enum BulkText {
    package static func user(_ bulkID: String, _ userName: String, _ more: String = "") -> String {
        post(bulkID, "/Users", #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(userName)"\#(more)}"#)
    }

    /// A user whose manager has this id.
    package static func user(_ bulkID: String, _ userName: String, manager: String) -> String {
        let urn = Schema.enterpriseUser.id
        return post(
            bulkID,
            "/Users",
            #"{"schemas":["\#(Schema.user.id)","\#(urn)"],"userName":"\#(userName)","\#(urn)":{"manager":{"value":"\#(manager)"}}}"#
        )
    }

    package static func group(_ bulkID: String, _ name: String, members: [String]) -> String {
        let list = members.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        return post(
            bulkID,
            "/Groups",
            #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(name)","members":[\#(list)]}"#
        )
    }

    package static func post(_ bulkID: String, _ path: String, _ data: String) -> String {
        #"{"method":"POST","path":"\#(path)","bulkId":"\#(bulkID)","data":\#(data)}"#
    }

    package static func put(_ path: String, _ data: String) -> String {
        #"{"method":"PUT","path":"\#(path)","data":\#(data)}"#
    }

    /// `more`: further members of the operation, after a comma.
    package static func patch(_ path: String, _ operations: String, _ more: String = "") -> String {
        #"{"method":"PATCH","path":"\#(path)","data":{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operations)]}\#(more)}"#
    }

    package static func retitle(_ path: String, _ title: String, version: String? = nil) -> String {
        patch(path, #"{"op":"replace","path":"title","value":"\#(title)"}"#, Self.version(version))
    }

    package static func delete(_ path: String, version: String? = nil) -> String {
        #"{"method":"DELETE","path":"\#(path)"\#(Self.version(version))}"#
    }

    private static func version(_ version: String?) -> String {
        version.map { #","version":"\#($0.replacing("\"", with: "\\\""))""# } ?? ""
    }
}
