import JSON
import SCIM
import Testing

@Suite("Columns of imported tables")
struct ImportColumnTests {
    @Test(
        "H-03, A-01: a column is named by a path, or by a short name in any spelling",
        arguments: [
            ("userName", "userName"), ("USERNAME", "userName"), ("User Name", "userName"),
            ("name.givenName", "name.givenName"), ("First Name", "name.givenName"),
            ("last_name", "name.familyName"), ("surname", "name.familyName"),
            ("email", #"emails[type eq "work"].value"#), ("E-Mail", #"emails[type eq "work"].value"#),
            (#"emails[type eq "home"].value"#, #"emails[type eq "home"].value"#),
            (#"emails[type eq "home"].primary"#, #"emails[type eq "home"].primary"#),
            ("mobile", #"phoneNumbers[type eq "mobile"].value"#), ("roles", "roles"),
            ("externalId", "externalId"), ("active", "active"),
            ("department", "\(enterprise):department"), ("manager", "\(enterprise):manager.value"),
            ("\(enterprise):costCenter", "\(enterprise):costCenter"),
            ("default cost center", "\(Schema.pharosUser.id):defaultCostCenter"),
        ]
    )
    func names(name: String, path: String) throws {
        #expect(try ImportColumn(name, type: user).path == path)
    }

    @Test(
        "A-19, C-02: what is readOnly, derived or secret is no column, nor what one cell cannot hold",
        arguments: [
            ("id", SCIMError.Keyword.mutability), ("meta.created", .mutability), ("schemas", .mutability),
            ("groups", .mutability), ("password", .mutability), ("cards", .mutability),
            ("\(Schema.pharosUser.id):cards.value", .mutability), ("manager.displayName", .mutability),
            ("colour", .invalidPath), ("", .invalidPath), ("name", .invalidPath),
            ("emails.value", .invalidPath),
            ("addresses", .invalidPath), (#"emails[type eq "work"]"#, .invalidPath),
            (#"emails[type ne "work"].value"#, .invalidPath), (#"emails[type eq "work""#, .invalidPath),
            ("urn:example:Other:userName", .invalidPath), (enterprise, .invalidPath),
        ]
    )
    func refused(name: String, keyword: SCIMError.Keyword) {
        #expect(throws: SCIMError.self) { try ImportColumn(name, type: user) }
        do { _ = try ImportColumn(name, type: user) } catch { #expect(error.keyword == keyword) }
    }

    @Test("An empty cell asks for nothing; every other replaces the value, or all values of a list")
    func cells() throws {
        #expect(try ImportColumn("title", type: user).value(of: "") == nil)
        #expect(try ImportColumn("title", type: user).value(of: "Boss") == .string("Boss"))
        #expect(try ImportColumn("roles", type: user).value(of: "a| b |c") == json(#"["a","b","c"]"#))
    }

    @Test("A line comes to what a PATCH request would that replaces each column's path by its cell")
    func plans() throws {
        let cells = [
            ("userName", "bjensen"), ("First Name", "Barbara"), ("email", "b@example.com"), ("roles", "a|b"),
            (#"emails[type eq "home"].value"#, "h@example.com"), ("manager", "m-1"), ("active", "false"),
            ("department", "Tours"), (#"phoneNumbers[type eq "mobile"].value"#, "1"),
        ]
        var read: [(column: ImportColumn, value: JSONValue)] = []
        var operations: [PatchOperation] = []
        for (name, cell) in cells {
            let column = try ImportColumn(name, type: user)
            let value = try #require(try column.value(of: cell))
            read.append((column, value))
            operations.append(PatchOperation(.replace, path: column.path, value: value))
        }
        let plans = [
            try PatchPlan(replacing: read, type: user, .default),
            try PatchPlan(operations, type: user, .default),
        ]
        for before in [
            "{}", #"{"userName":"x","emails":[{"value":"o@example.com","type":"home"}],"active":true}"#,
        ] {
            guard case .object(let attributes) = try json(before) else { continue }
            var results: [Resource] = []
            for plan in plans {
                var budget = WorkBudget(PatchLimits.workMax)
                let result = try plan.apply(to: Resource(stored: attributes, type: user), &budget)
                results.append(try #require(result))
            }
            #expect(results[0] == results[1])
            #expect(results[0].attributes["userName"] == .string("bjensen"))
        }
    }

    @Test(
        "C-05, H-14: a text that is no value of the attribute is refused, and not repeated in the reason",
        arguments: [("active", "canary"), ("profileUrl", String(repeating: "canary", count: 20_000))]
    )
    func badCells(name: String, cell: String) throws {
        let column = try ImportColumn(name, type: user)
        #expect(throws: SCIMError.self) { try column.value(of: cell) }
        do { _ = try column.value(of: cell) } catch {
            #expect(error.keyword == .invalidValue)
            #expect(!error.detail.contains("canary"))
        }
    }

    @Test("A-19: the importable form of a type differs in the readOnly attributes of its extensions alone")
    func importable() throws {
        let type = ResourceType.user.importable
        #expect(type.schema == ResourceType.user.schema)
        let cards = try #require(type.extensions.last?.schema.attribute("cards"))
        #expect(cards.mutability == .readWrite)
        #expect(cards.subAttributes.allSatisfy { $0.mutability == .readWrite })
        #expect(cards.subAttribute("value")?.required == true)
        #expect(type.schema.attribute("groups")?.mutability == .readOnly)
    }
}
