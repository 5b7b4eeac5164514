import JSON
import SCIM
import Storage
import Testing

@testable import Directory
@testable import Tenancy

@Suite("The list of ignored attributes")
struct IgnoredAttributesTests {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }

    private static func list(
        _ paths: String...,
        type: String = "User",
        at seconds: Int64 = 1
    ) -> IgnoredAttributes {
        IgnoredAttributes(paths.map { AttributePath(attribute: $0) }, of: type, at: time(seconds))
    }

    private static func texts(_ list: IgnoredAttributes) -> [String] {
        list.all.map { "\($0.name.type) \($0.name.attribute) \($0.sightings.count)" }
    }

    private static func decoded(_ row: [UInt8]) -> IgnoredAttributes? { IgnoredAttributes(row: row.span) }

    @Test("A request counts once for each path, in whatever case; the first spelling and both times are kept")
    func merging() throws {
        var list = Self.list("shoeSize", "SHOESIZE", "hatSize", at: 5)
        list.add(Self.list("Shoesize", at: 9))
        list.add(Self.list("shoeSize", at: 2))
        list.add(Self.list("shoeSize", type: "Group", at: 3))
        #expect(Self.texts(list) == ["Group shoeSize 1", "User hatSize 1", "User shoeSize 3"])
        let shoes = try #require(list.all.last?.sightings)
        #expect(shoes.first == Self.time(2))
        #expect(shoes.last == Self.time(9))
        #expect(list.others == nil)
    }

    @Test("Paths beyond the limit are counted together, and those within it go on to be counted")
    func limit() {
        var list = IgnoredAttributes()
        for number in 0..<IgnoredAttributes.namesMax { list.add(Self.list("a\(number)")) }
        #expect(list.others == nil)
        list.add(Self.list("b", "c", "a0", at: 7))
        list.add(Self.list("b", at: 8))
        #expect(list.all.count == IgnoredAttributes.namesMax)
        #expect(Self.texts(list).first == "User a0 2")
        #expect(list.others?.count == 3)
        #expect(list.others?.last == Self.time(8))
    }

    @Test(
        "A name is listed if it follows the grammar and is not too long, and otherwise counted without it",
        arguments: [
            ("shoeSize", true), ("$ref", true), (String(repeating: "a", count: 256), true),
            (String(repeating: "a", count: 257), false), ("shoe\u{1B}[31m", false), ("shoe size", false),
            ("schuhgröße", false), ("", false), ("a.b.c", false),
        ]
    )
    func names(name: String, isListed: Bool) {
        let list = Self.list(name)
        #expect(list.all.map(\.name.attribute) == (isListed ? [name] : []))
        #expect(list.others?.count == (isListed ? nil : 1))
    }

    @Test("Paths with a schema and a sub-attribute are listed as they were spelled")
    func longPaths() throws {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        let path = AttributePath(schema: urn, attribute: "manager", subAttribute: "shoeSize")
        let list = IgnoredAttributes([path], of: "User", at: Self.time(1))
        #expect(list.all.map(\.name.attribute) == ["\(urn):manager.shoeSize"])
        #expect(Self.decoded(list.encoded) == list)
    }

    @Test("A row is read as it was written; one that is cut, longer or of another format is not")
    func rows() throws {
        var list = Self.list("shoeSize", "hatSize", "not a name", at: 5)
        list.add(Self.list("shoeSize", type: "Group", at: -3))
        let row = list.encoded
        #expect(Self.decoded(row) == list)
        #expect(Self.decoded(IgnoredAttributes().encoded)?.isEmpty == true)
        for length in 0..<row.count { #expect(Self.decoded(Array(row.prefix(length))) == nil) }
        #expect(Self.decoded(row + [0]) == nil)
        #expect(Self.decoded([2] + row.dropFirst()) == nil)
        var many = row
        many[1] = UInt8(IgnoredAttributes.namesMax) + 1
        #expect(Self.decoded(many) == nil)
    }

    @Test("A row whose names, counts or times cannot be is not read")
    func impossibleRows() throws {
        func row(_ name: String, count: UInt64 = 1, first: Int64 = 1, last: Int64 = 1) -> [UInt8] {
            var row: [UInt8] = []
            row.appendText("User")
            row.appendText(name)
            row.appendBigEndian(count)
            row.appendBigEndian(first)
            row.appendBigEndian(last)
            return row
        }
        func read(_ rows: [UInt8]...) -> IgnoredAttributes? {
            Self.decoded([1, UInt8(rows.count), 0] + rows.joined())
        }
        #expect(read(row("a"), row("b")) != nil)
        #expect(read(row("a"), row("A")) == nil)
        #expect(read(row("a\u{1B}")) == nil)
        #expect(read(row("a", count: 0)) == nil)
        #expect(read(row("a", first: 2, last: 1)) == nil)
        let full = UInt64(IgnoredAttributes.Sightings.countMax)
        #expect(read(row("a", count: full + 1)) == nil)
        var list = try #require(read(row("a", count: full)))
        list.add(Self.list("a"))
        #expect(list.all.first?.sightings.count == IgnoredAttributes.Sightings.countMax)
    }
}
