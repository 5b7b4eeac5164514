import Foundation
import JSON
import SCIM
import TestSupport
import Testing

/// `docs/reference/patch.md`, cell by cell: the page is the test's data.
@Suite("The table of PATCH operations")
struct PatchTableTests {
    @Test(
        "Every cell of the page holds in every profile, with a path and without",
        arguments: ProfileName.allCases
    )
    func cells(name: ProfileName) throws {
        let tables = try PatchPage.tables()
        #expect(tables.map(\.title) == ["add", "replace", "remove", "A filter that selects nothing"])
        var count = 0
        for table in tables {
            for cell in table.cells where cell.outcome != "–" {
                for sample in try PatchSample.samples(table.title, row: cell.row, column: cell.column) {
                    try check(sample, cell, name.profile, "\(table.title), \(cell.row), \(cell.column)")
                    count += 1
                }
            }
        }
        #expect(count > 200)
    }

    private func check(
        _ sample: PatchSample,
        _ cell: PatchPage.Cell,
        _ profile: Profile,
        _ place: String
    ) throws {
        // A value without a path needs decisions of its own.
        if sample.isPathless {
            guard profile.contains([.pathlessPatch, .pathsAsNames]), sample.operation != .remove else {
                return
            }
        }
        let expected = cell.expected(in: profile)
        let place = "\(place): \(sample.text)"
        do {
            let plan = try plan(sample.operations, type: sample.type, profile)
            let found =
                sample.isAboutMembers
                ? PatchSample.word(of: plan.members)
                : try sample.word(of: plan.apply(to: Resource(stored: sample.before, type: sample.type)))
            #expect(found == expected, "\(place)")
        } catch let error as SCIMError {
            #expect("`\(error.keyword.rawValue)`" == expected, "\(place): \(error.detail)")
        }
    }
}

/// The tables of the page.
private struct PatchPage {
    struct Table {
        let title: String
        let cells: [Cell]
    }

    struct Cell {
        let row: String
        let column: String
        let outcome: String
        /// The decision without which the operation is refused.
        let decision: String?

        /// What the cell says for a profile.
        func expected(in profile: Profile) -> String {
            guard let decision, let member = Profile.decisions.first(where: { $0.name == decision })?.member,
                !profile.contains(member)
            else { return outcome }
            return switch decision {
            case "undefinedAttributes", "removalByValue": "`invalidSyntax`"
            case "creationByFilter": "`noTarget`"
            default: "`invalidValue`"
            }
        }
    }

    static func tables() throws -> [Table] {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/reference/patch.md"), encoding: .utf8)
        var tables: [Table] = []
        var title = ""
        var rows: [[String]] = []
        func finish() {
            guard let head = rows.first, ["Value", "Operation and value"].contains(head[0]) else {
                return rows = []
            }
            let cells = rows.dropFirst(2).flatMap { row in
                zip(head, row).dropFirst().map { column, text in cell(text, row: row[0], column: column) }
            }
            tables.append(Table(title: title, cells: cells))
            rows = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("|") {
                rows.append(line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) })
            } else {
                finish()
                if line.hasPrefix("## ") { title = String(line.dropFirst(3)) }
            }
        }
        finish()
        return tables
    }

    private static func cell(_ text: String, row: String, column: String) -> Cell {
        guard let open = text.lastIndex(of: "("), text.hasSuffix(")") else {
            return Cell(row: row, column: column, outcome: text, decision: nil)
        }
        return Cell(
            row: row,
            column: column,
            outcome: text[..<open].trimmingCharacters(in: .whitespaces),
            decision: String(text[text.index(after: open)...].dropLast())
        )
    }
}

/// An operation that a cell is about, and how its outcome is told.
private struct PatchSample {
    let operation: PatchOperation.Kind
    let path: String
    let value: String?
    let isPathless: Bool

    var text: String { "\(operation.rawValue) \(path) \(value ?? "")\(isPathless ? " without a path" : "")" }
    var isAboutMembers: Bool { path == "members" }
    var type: ResourceType { isAboutMembers ? group : Self.holder }

    var operations: String {
        let name = #""\#(path.replacing("\"", with: "\\\""))""#
        guard let value else { return #"[{"op":"\#(operation.rawValue)","path":\#(name)}]"# }
        return isPathless
            ? #"[{"op":"\#(operation.rawValue)","value":{\#(name):\#(value)}}]"#
            : #"[{"op":"\#(operation.rawValue)","path":\#(name),"value":\#(value)}]"#
    }

    // MARK: - Which

    static func samples(_ table: String, row: String, column: String) throws -> [PatchSample] {
        let path = try #require(column.split(separator: "`").last.map(String.init))
        let kind = try #require(
            PatchOperation.Kind(rawValue: String(table.split(separator: " ")[0])) ?? operation(row)
        )
        let values = try values(of: row, path, kind)
        return values.flatMap { value in
            [false, true].map { PatchSample(operation: kind, path: path, value: value, isPathless: $0) }
        }
    }

    private static func operation(_ row: String) -> PatchOperation.Kind? {
        PatchOperation.Kind(rawValue: String(row.split(separator: " ")[0]))
    }

    /// Whether a value for the path is an object, a list of objects, or a text.
    private enum Shape { case text, name, badges, badge, desk, members }

    private static func shape(_ path: String) -> Shape {
        switch path {
        case "name": .name
        case "badges": .badges
        case "urn:example:Desk": .desk
        case "members": .members
        case let path where path.hasSuffix("]"): .badge
        default: .text
        }
    }

    private static func values(
        of row: String,
        _ path: String,
        _ kind: PatchOperation.Kind
    ) throws -> [String?] {
        let shape = shape(path)
        // What stands in for a sub-attribute of each shape.
        let part = [.name: "givenName", .desk: "room"][shape] ?? "label"
        func object(_ members: String) -> [String?] {
            shape == .badges ? ["{\(members)}", "[{\(members)}]"] : ["{\(members)}"]
        }
        switch row {
        case "none", "remove": return [nil]
        case "`null`", "replace with `null`": return ["null"]
        case "`[]`": return ["[]"]
        case "`\"\"`": return [#""""#]
        case "`{}`": return ["{}"]
        case "a value", "add a value", "replace with a value": return [newValue(shape)]
        case "undefined content alone": return object(#""shoe":1"#)
        case "readOnly content alone": return object(shape == .members ? #""display":"d""# : #""issued":"x""#)
        case "writeOnly content alone": return object(#""pin":"9""#)
        case "a part that is `null`":
            return object(shape == .members ? #""value":null"# : #""\#(part)":null"#)
        case "a part that is `\"\"`": return object(shape == .members ? #""value":"""# : #""\#(part)":"""#)
        case "an array of nothing":
            return ["[{}]", "[null]"] + (shape == .members ? [] : [#"[{"label":null}]"#])
        case "another type":
            return shape == .text ? ["true", "{\"a\":1}"] : shape == .members ? ["true", "[true]"] : ["7"]
        case "the value that is there": return [oldValue(path)]
        case "a part that is there":
            return object(
                [.name: #""givenName":"ANN""#, .desk: #""room":"12""#][shape] ?? #""label":"HOME""#
            )
        case "undefined content and a part":
            return object(
                #""shoe":1,"#
                    + ([.name: #""givenName":"Ann""#, .desk: #""room":"12""#][shape] ?? #""label":"home""#)
            )
        case "another value":
            return [newValue(shape)]
        default: throw NotAnObject()
        }
    }

    private static func newValue(_ shape: Shape) -> String {
        switch shape {
        case .text: #""new""#
        case .name: #"{"givenName":"new"}"#
        case .badges: #"[{"number":"3","label":"new"}]"#
        case .badge: #"{"label":"new"}"#
        case .desk: #"{"room":"new"}"#
        case .members: #"[{"value":"b"}]"#
        }
    }

    private static func oldValue(_ path: String) -> String {
        switch path {
        case "title": #""BOSS""#
        case "name": #"{"givenName":"Ann","familyName":"Bee"}"#
        case "badges": #"[{"number":"1"},{"number":"2","label":"home"}]"#
        case "name.givenName": #""Ann""#
        case "urn:example:Desk": #"{"room":"12","lamp":"on"}"#
        case let path where path.hasSuffix("]"): #"{"number":"2"}"#
        case "members": #"[{"value":"a"}]"#
        default: #""home""#
        }
    }

    // MARK: - What came of it

    static let start =
        #"{"title":"Boss","name":{"givenName":"Ann","familyName":"Bee"},"badges":[\#(work),\#(home)],"urn:example:Desk":{"room":"12","lamp":"on"}}"#
    private static let work = #"{"number":"1","label":"work"}"#
    private static let home = #"{"number":"2","label":"home"}"#

    var before: JSONObject { get throws { try jsonObject(Self.start) } }

    /// The word of the page for a resource after the operation; the resource itself if there is none.
    func word(of resource: Resource) throws -> String {
        let found = sorted(resource.attributes)
        if found == sorted(try before) { return "nothing" }
        for (word, change) in try outcomes() {
            var expected = try before
            for member in try jsonObject("{\(change)}").members {
                expected[member.name] = member.value == .null ? nil : member.value
            }
            if found == sorted(expected) { return word }
        }
        return "\(found)"
    }

    /// The words that a path can have beside "nothing", each with the members that then differ.
    private func outcomes() throws -> [(String, String)] {
        switch path {
        case "title": [("sets", #""title":"new""#), ("unassigns", #""title":null"#)]
        case "name":
            [
                ("merges", #""name":{"givenName":"new","familyName":"Bee"}"#), ("unassigns", #""name":null"#),
                (partWord, #""name":{"familyName":"Bee"}"#),
            ]
        case "name.givenName":
            [
                ("sets", #""name":{"givenName":"new","familyName":"Bee"}"#),
                ("unassigns", #""name":{"familyName":"Bee"}"#),
            ]
        case "badges":
            [
                ("adds", #""badges":[\#(Self.work),\#(Self.home),{"number":"3","label":"new"}]"#),
                ("replaces", #""badges":[{"number":"3","label":"new"}]"#), ("unassigns", #""badges":null"#),
                ("removes the named", #""badges":[\#(Self.work)]"#),
            ]
        case "badges.label":
            [
                ("sets", #""badges":[{"number":"1","label":"new"},{"number":"2","label":"new"}]"#),
                ("unassigns", #""badges":[{"number":"1"},{"number":"2"}]"#),
                ("removes the named", #""badges":[\#(Self.work),{"number":"2"}]"#),
            ]
        case #"badges[number eq "2"]"#:
            [
                (
                    operation == .replace ? "replaces" : "merges",
                    #""badges":[\#(Self.work),{"number":"2","label":"new"}]"#
                ),
                ("replaces", #""badges":[\#(Self.work),{"label":"new"}]"#),
                ("unassigns", #""badges":[\#(Self.work)]"#),
                ("unassigns the part", #""badges":[\#(Self.work),{"number":"2"}]"#),
            ]
        case #"badges[number eq "2"].label"#:
            [
                ("sets", #""badges":[\#(Self.work),{"number":"2","label":"new"}]"#),
                ("unassigns", #""badges":[\#(Self.work),{"number":"2"}]"#),
            ]
        case "urn:example:Desk":
            [
                ("merges", #""urn:example:Desk":{"room":"new","lamp":"on"}"#),
                ("unassigns", #""urn:example:Desk":null"#), (partWord, #""urn:example:Desk":{"lamp":"on"}"#),
            ]
        default: [("creates", #""badges":[\#(Self.work),\#(Self.home),{"number":"9","label":"new"}]"#)]
        }
    }

    private var partWord: String { operation == .remove ? "removes the named" : "unassigns the part" }

    static func word(of changes: [MemberChange]) -> String {
        switch changes.first {
        case nil: "nothing"
        case .add: "adds"
        case .replaceAll: "replaces"
        case .removeAll: "unassigns"
        // The group has one member, `a`.
        case .remove(let ids): Array(ids.texts) == ["a"] ? "unassigns" : "nothing"
        case .exchange, .removeMatching: "?"
        }
    }

    // MARK: - The type

    private static let held = [
        AttributeDefinition("issued", description: "", mutability: .readOnly),
        AttributeDefinition("pin", description: "", mutability: .writeOnly, returned: .never),
    ]

    private static let holder = ResourceType(
        name: "Holder",
        endpoint: "/Holders",
        description: "",
        schema: Schema(
            id: "urn:example:Holder",
            name: "Holder",
            description: "",
            attributes: [
                AttributeDefinition("title", description: ""),
                AttributeDefinition(
                    "name",
                    .complex,
                    description: "",
                    subAttributes: ["givenName", "familyName"].map {
                        AttributeDefinition($0, description: "")
                    } + held
                ),
                AttributeDefinition(
                    "badges",
                    .complex,
                    multiValued: true,
                    description: "",
                    subAttributes: ["number", "label"].map { AttributeDefinition($0, description: "") } + held
                ),
            ]
        ),
        extensions: [
            .init(
                schema: Schema(
                    id: "urn:example:Desk",
                    name: "Desk",
                    description: "",
                    attributes: ["room", "lamp"].map { AttributeDefinition($0, description: "") } + held
                ),
                required: false
            )
        ]
    )
}
