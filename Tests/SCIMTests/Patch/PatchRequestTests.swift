import JSON
import SCIM
import Testing

@Suite("PATCH requests")
struct PatchRequestTests {
    private static let schema = #""schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]"#

    @Test("H-01: operations are read in order; names and op in any case, unknown members ignored")
    func order() throws {
        let request = try SCIMTests.request(
            #"""
            {"Schemas":["URN:ietf:params:scim:api:messages:2.0:patchop"],"operations":[
             {"OP":"Replace","Path":"active","VALUE":"False","name":"x"},{"op":"ADD","value":{"title":null}},
             {"op":"remove","path":"title"},{"op":"add","path":"","value":{}},{"\u006Fp":"add","path":null,"value":{}}]}
            """#,
            .default
        )
        #expect(
            request.operations == [
                PatchOperation(.replace, path: "active", value: .string("False")),
                PatchOperation(
                    .add,
                    value: .object(JSONObject(uniqueMembers: [.init(name: "title", value: .null)]))
                ),
                PatchOperation(.remove, path: "title"), PatchOperation(.add, value: .object(JSONObject())),
                PatchOperation(.add, value: .object(JSONObject())),
            ]
        )
    }

    @Test(
        "A request that leaves schemas out, or has no operations, is understood but by the strict profile",
        arguments: [
            #"{"Operations":[{"op":"remove","path":"a"}]}"#,
            #"{"schemas":null,"Operations":[{"op":"remove","path":"a"}]}"#,
            #"{"schemas":[],"Operations":[{"op":"remove","path":"a"}]}"#,
            #"{\#(schema),"Operations":[]}"#,
        ],
        ProfileName.allCases
    )
    func lessSaid(body: String, name: ProfileName) throws {
        guard name == .strict else {
            #expect(throws: Never.self) { try request(body, name.profile) }
            return
        }
        #expect { try request(body, .strict) } throws: {
            ($0 as? SCIMError)?.keyword == .invalidSyntax
        }
    }

    @Test(
        "H-01 to H-03, R-03: a body of another shape is refused by its kind",
        arguments: [
            ("[]", SCIMError.Keyword.invalidSyntax),
            (#"{"schemas":["urn:x"],"Operations":[{"op":"remove","path":"a"}]}"#, .invalidSyntax),
            (
                #"{"schemas":"\#(PatchRequest.schema)","Operations":[{"op":"remove","path":"a"}]}"#,
                .invalidSyntax
            ),
            ("{\(schema)}", .invalidSyntax),
            (#"{\#(schema),"Operations":{"op":"remove","path":"a"}}"#, .invalidSyntax),
            (#"{\#(schema),"Operations":["remove"]}"#, .invalidSyntax),
            (#"{\#(schema),"Operations":[{"path":"a"}]}"#, .invalidSyntax),
            (#"{\#(schema),"Operations":[{"op":"move","path":"a","value":1}]}"#, .invalidSyntax),
            (#"{\#(schema),"Operations":[{"op":1,"path":"a","value":1}]}"#, .invalidSyntax),
            (#"{\#(schema),"Operations":[{"op":"add","OP":"add","path":"a","value":1}]}"#, .invalidSyntax),
            (#"{\#(schema),"Operations":[{"op":"remove"}]}"#, .noTarget),
            (#"{\#(schema),"Operations":[{"op":"remove","path":""}]}"#, .noTarget),
            (#"{\#(schema),"Operations":[{"op":"add","path":"a"}]}"#, .invalidValue),
            (#"{\#(schema),"Operations":[{"op":"replace"}]}"#, .invalidValue),
            (#"{\#(schema),"Operations":[{"op":"replace","value":"{\"active\":false}"}]}"#, .invalidValue),
            (#"{\#(schema),"Operations":[{"op":"add","value":null}]}"#, .invalidValue),
            (#"{\#(schema),"Operations":[{"op":"add","path":7,"value":1}]}"#, .invalidPath),
        ]
    )
    func refused(body: String, keyword: SCIMError.Keyword) {
        #expect { try request(body, .default) } throws: {
            ($0 as? SCIMError)?.keyword == keyword
        }
    }

    @Test("H-15: 1,000 operations pass, one more does not")
    func limit() throws {
        func operations(_ count: Int) throws -> PatchRequest {
            let operation = #"{"op":"remove","path":"title"}"#
            let list = Array(repeating: operation, count: count).joined(separator: ",")
            return try request(#"{\#(Self.schema),"Operations":[\#(list)]}"#, .default)
        }
        #expect(
            try operations(PatchLimits.operationsMax).operations.count == 1_000
        )
        #expect(throws: SCIMError.self) {
            try operations(PatchLimits.operationsMax + 1)
        }
    }
}
