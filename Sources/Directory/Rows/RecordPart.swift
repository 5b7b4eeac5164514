import JSON
import SCIM
import Storage
import Tenancy

/// Some members of a record's resource with the row that they stand in, so that a change of them copies all others as they are.
///
/// ```
/// row      head | {"schemas":[…],"id":"…" | ,"userName":"…" | ,"title":"a" | ,"emails":[…] | }
/// read                                      ,"userName":"…"   ,"title":"a"
/// new row  head | {"schemas":[…],"id":"…" | ,"userName":"…" | ,"title":"b" | ,"emails":[…] | ,"nickName":"new" | }
/// ```
///
/// A reference type, because the records before and after a change share it.
final class RecordPart: Sendable {
    /// A member that has been read; its place has the comma in front of it.
    private struct Member: Sendable {
        let name: String
        let value: JSONValue
        let place: Range<Int>
    }

    private let row: [UInt8]
    private let layout: ResourceRecordLayout
    private let names: [String]
    private let lengths: NameLengths
    private let members: [Member]
    /// Where the attributes begin, behind `schemas` and `id`.
    private let beginning: Int

    /// What makes up the name that others show for a resource, the first that it has.
    static let displayNames = ["displayName", "userName"]

    /// Whether that name is told by what has been read.
    var hasDisplay: Bool { Self.displayNames.allSatisfy(names.contains) }

    /// Room for the row that a change of some members makes.
    var usualByteCount: Int { row.count + 64 }

    /// Reads the members of so many names; nil if the row is none that ``ResourceRecord/encoded(id:)`` writes.
    ///
    /// `resource`: what has been read of it.
    init?(
        _ row: Span<UInt8>,
        _ layout: ResourceRecordLayout,
        names: [String],
        type: ResourceType,
        resource: inout Resource?
    ) {
        var members: [Member] = []
        var values: [JSONObject.Member] = []
        members.reserveCapacity(names.count)
        values.reserveCapacity(names.count + 1)
        var lengths = NameLengths()
        for name in names { lengths.insert(name) }
        guard row[layout.json.lowerBound] == UInt8(ascii: "{"),
            let schemas = StoredJSON.member(at: layout.json.lowerBound + 1, in: row),
            StoredJSON.isText(schemas.name, "schemas", in: row),
            let id = StoredJSON.member(at: schemas.value.upperBound + 1, in: row),
            StoredJSON.isText(id.name, "id", in: row)
        else { return nil }
        beginning = id.value.upperBound
        let endOfMembers = row.count - 1
        guard beginning <= endOfMembers, row[endOfMembers] == UInt8(ascii: "}") else { return nil }
        var end = beginning
        var read = 0
        // What stands behind the last of the members that are wanted need not be looked at to be copied.
        while members.count < names.count, end < endOfMembers {
            guard row[end] == UInt8(ascii: ","), let member = StoredJSON.member(at: end + 1, in: row) else {
                return nil
            }
            if lengths.mayContain(member.name.count),
                let place = names.indices.first(where: {
                    StoredJSON.isText(member.name, names[$0], in: row)
                })
            {
                guard let value = StoredJSON.value(at: member.value, in: row) else { return nil }
                values.append(JSONObject.Member(name: names[place], value: value))
                members.append(Member(name: names[place], value: value, place: end..<member.value.upperBound))
                read += member.value.upperBound - end
            }
            end = member.value.upperBound
        }
        let others = endOfMembers - beginning - read
        self.row = [UInt8](copying: row)
        self.layout = layout
        self.names = names
        self.lengths = lengths
        self.members = members
        resource = Resource(part: consume values, others: others, type: type)
    }

    /// Appends the name that others show for the resource, which has not changed, behind its length.
    func appendDisplay(to row: inout [UInt8]) {
        row += self.row[layout.display.lowerBound - 2..<layout.display.upperBound]
    }

    /// Appends the whole resource as the row has it, but for the members that have been read: they are as in `resource`.
    func append(_ resource: Resource, id: UniqueID, to row: inout [UInt8]) {
        if let schemas = schemas(of: resource) {
            ResourceRecord.appendHead(schemas, id: id, to: &row)
        } else {
            row += self.row[layout.json.lowerBound..<beginning]
        }
        let changed = resource.attributes.members
        var next = 0
        var end = beginning
        for member in members {
            // What has been removed and set again has gone behind all that was there.
            let isThere = next < changed.count && changed[next].name == member.name
            if isThere, changed[next].value == member.value {
                next += 1
                continue
            }
            row += self.row[end..<member.place.lowerBound]
            end = member.place.upperBound
            guard isThere else { continue }
            ResourceRecord.append(changed[next], to: &row)
            next += 1
        }
        row += self.row[end..<self.row.count - 1]
        for member in changed[next...] where member.name != Resource.others {
            ResourceRecord.append(member, to: &row)
        }
        row.append(UInt8(ascii: "}"))
    }

    /// The schemas of the resource; nil if they are those of the row.
    private func schemas(of resource: Resource) -> [String]? {
        func had(_ name: String) -> Bool { members.contains { $0.name == name } }
        let extensions = resource.extensions
        guard
            extensions.contains(where: {
                lengths.mayContain($0.utf8.count) && names.contains($0)
                    && had($0) != (resource.attributes[$0] != nil)
            })
        else { return nil }
        let (row, object) = (row, layout.json.lowerBound)
        var schemas = [resource.schemas[0]]
        for name in extensions {
            let isThere =
                names.contains(name)
                ? resource.attributes[name] != nil
                : StoredJSON.member(name.utf8.span, ofObjectAt: object, in: row.span) != nil
            if isThere { schemas.append(name) }
        }
        return schemas
    }
}
