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
        #expect(try ImportColumn("title", type: user).operation(for: "") == nil)
        #expect(
            try ImportColumn("title", type: user).operation(for: "Boss")
                == PatchOperation(.replace, path: "title", value: .string("Boss"))
        )
        #expect(
            try ImportColumn("roles", type: user).operation(for: "a| b |c")
                == PatchOperation(.replace, path: "roles", value: json(#"["a","b","c"]"#))
        )
    }

    @Test(
        "C-05, H-14: a text that is no value of the attribute is refused, and not repeated in the reason",
        arguments: [("active", "canary"), ("profileUrl", String(repeating: "canary", count: 20_000))]
    )
    func badCells(name: String, cell: String) throws {
        let column = try ImportColumn(name, type: user)
        #expect(throws: SCIMError.self) { try column.operation(for: cell) }
        do { _ = try column.operation(for: cell) } catch {
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
