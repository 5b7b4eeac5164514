import JSON
import SCIM
import Testing

@Suite("Messages")
struct MessagesListResponseTests {
    private func list(_ resources: [String], total: Int, from start: Int = 1) throws -> JSONObject {
        var bytes: [UInt8] = []
        ListResponse.begin(&bytes)
        for (index, resource) in resources.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += resource.utf8
        }
        ListResponse.end(&bytes, totalResults: total, startIndex: start, itemsPerPage: resources.count)
        guard case .object(let object) = try JSONValue(parsing: bytes) else { throw NotAnObject() }
        return object
    }

    @Test("Q-02: a list without matches is whole, with integers and an empty Resources")
    func empty() throws {
        #expect(
            try sorted(list([], total: 0))
                == sorted(
                    jsonObject(
                        #"""
                        {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,
                         "itemsPerPage":0,"Resources":[]}
                        """#
                    )
                )
        )
    }

    @Test(
        "Q-02, P-02: encoded resources are taken as they are; the page counts its own, the total all matches"
    )
    func page() throws {
        let object = try list([#"{"id":"1"}"#, #"{"id":"2","name":{}}"#], total: 250, from: 101)
        #expect(object["Resources"] == (try json(#"[{"id":"1"},{"id":"2","name":{}}]"#)))
        #expect(object["totalResults"] == .number(JSONNumber(250)))
        #expect(object["startIndex"] == .number(JSONNumber(101)))
        #expect(object["itemsPerPage"] == .number(JSONNumber(2)))
        #expect(object.members.count == 5)
    }

    @Test("P-01: startIndex is told as it was asked for, up to the largest")
    func largest() throws {
        #expect(try list([], total: 3, from: .max)["startIndex"] == .number(JSONNumber(Int.max)))
    }

    private func error(_ status: Int, _ keyword: SCIMError.Keyword?, _ detail: String) throws -> String {
        var bytes: [UInt8] = []
        ErrorMessage(status: status, keyword: keyword, detail: detail).write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("R-01, R-03: an error tells its status as a string, its keyword if it has one, and a detail")
    func errors() throws {
        #expect(
            try error(404, nil, "There is no such resource.")
                == #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"There is no such resource."}"#
        )
        for keyword in SCIMError.Keyword.allCases {
            let object = try jsonObject(error(400, keyword, "x"))
            #expect(object["scimType"] == .string("\(keyword)"))
            #expect(object["status"] == .string("400"))
        }
    }

    @Test("R-01: a detail may hold any text")
    func escaping() throws {
        let detail = "a \"b\" \\ \u{1} \n é 𐐀 \u{2028}"
        #expect(try jsonObject(error(400, nil, detail))["detail"] == .string(detail))
    }

    @Test("R-03: the keywords of RFC 7644 table 9 and RFC 9865 §4")
    func keywords() {
        #expect(
            SCIMError.Keyword.allCases.map(\.rawValue) == [
                "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath",
                "noTarget",
                "invalidValue", "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount",
            ]
        )
    }

    @Test("E-04: the schemas of messages begin with urn:ietf:params:scim:api: and are under no /Schemas")
    func messageSchemas() {
        for urn in [ListResponse.schema, ErrorMessage.schema] {
            #expect(urn.hasPrefix("urn:ietf:params:scim:api:messages:2.0:"))
            #expect(SchemaCatalog.core.schema(urn: urn) == nil)
        }
    }
}
