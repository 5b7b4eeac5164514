import JSON
import SCIM
import Storage
import Tenancy

/// A resource as a row holds it: times and display name in front, then the resource as JSON without what is derived.
///
/// ```
/// format 1 | created 8 | lastModified 8 |        display 2+n | {"schemas":[…],"id":"…",…}
/// format 2 | created 8 | lastModified 8 | set 16 | display 2+n | {"schemas":[…],"id":"…",…}
/// ```
///
/// `meta`, `groups` and `members` are not in it: they follow from the row, its version and the edges.
package struct ResourceRecord: Sendable {
    package let created: Timestamp
    package let lastModified: Timestamp
    /// Of a record that has been read in part only what was asked for.
    package let resource: Resource
    /// The set that holds its members; nil if that has the resource's own id, as it has until a change replaces it.
    package var membershipSet: UniqueID?
    /// Where the rest is, if the record has been read in part.
    private let part: RecordPart?

    fileprivate static let format: UInt8 = 1
    fileprivate static let formatWithSet: UInt8 = 2
    private static let displayBytesMax = 1024

    package init(
        created: Timestamp,
        lastModified: Timestamp,
        resource: Resource,
        membershipSet: UniqueID? = nil
    ) {
        self.init(created, lastModified, resource, membershipSet, nil)
    }

    /// The record with another resource, of which the same has been read.
    func with(_ resource: Resource, lastModified: Timestamp) -> ResourceRecord {
        ResourceRecord(created, lastModified, resource, membershipSet, part)
    }

    fileprivate init(
        _ created: Timestamp,
        _ lastModified: Timestamp,
        _ resource: Resource,
        _ membershipSet: UniqueID?,
        _ part: RecordPart?
    ) {
        self.created = created
        self.lastModified = lastModified
        self.resource = resource
        self.membershipSet = membershipSet
        self.part = part
    }

    /// The row's bytes.
    func encoded(id: UniqueID) -> [UInt8] {
        var row: [UInt8] = []
        row.reserveCapacity(part?.usualByteCount ?? 2_048)
        row.append(membershipSet == nil ? Self.format : Self.formatWithSet)
        row.appendBigEndian(created.microseconds)
        row.appendBigEndian(lastModified.microseconds)
        membershipSet?.append(bytesTo: &row)
        if let part, !part.hasDisplay { part.appendDisplay(to: &row) } else { row.appendText(display) }
        if let part { part.append(resource, id: id, to: &row) } else { appendStored(id: id, to: &row) }
        return row
    }

    /// Appends the resource in the form of an answer, without `meta`, `groups` and `members`.
    private func appendStored(id: UniqueID, to row: inout [UInt8]) {
        Self.appendHead(resource.schemas, id: id, to: &row)
        for attribute in resource.attributes.members { Self.append(attribute, to: &row) }
        row.append(UInt8(ascii: "}"))
    }

    /// Appends what stands in front of the attributes.
    static func appendHead(_ schemas: [String], id: UniqueID, to row: inout [UInt8]) {
        row += #"{"schemas":["#.utf8
        for (index, urn) in schemas.enumerated() {
            if index > 0 { row.append(UInt8(ascii: ",")) }
            JSONWriter.appendString(urn, to: &row)
        }
        row += #"],"id":""#.utf8
        id.append(textTo: &row)
        row.append(UInt8(ascii: "\""))
    }

    /// Appends an attribute behind others.
    static func append(_ attribute: JSONObject.Member, to row: inout [UInt8]) {
        row.append(UInt8(ascii: ","))
        JSONWriter.appendString(attribute.name, to: &row)
        row.append(UInt8(ascii: ":"))
        attribute.value.write(to: &row)
    }

    /// The name that groups and members show for this resource.
    private var display: String {
        for name in RecordPart.displayNames {
            guard case .string(let text)? = resource.attributes[name] else { continue }
            guard text.utf8.count > Self.displayBytesMax else { return text }
            var short = Substring(text)
            while short.utf8.count > Self.displayBytesMax { short.removeLast() }
            return String(short)
        }
        return ""
    }
}

/// Where the parts of a record's row lie, so that an answer can be built by copying them.
package struct ResourceRecordLayout: Sendable {
    package let created: Timestamp
    package let lastModified: Timestamp
    /// As ``ResourceRecord/membershipSet``.
    package let membershipSet: UniqueID?
    let display: Range<Int>
    package let json: Range<Int>

    /// Nil if the row is damaged.
    package init?(_ row: Span<UInt8>) {
        var reader = RowReader()
        guard let format = reader.integer(UInt8.self, in: row),
            format == ResourceRecord.format || format == ResourceRecord.formatWithSet,
            let created = reader.integer(Int64.self, in: row),
            let lastModified = reader.integer(Int64.self, in: row)
        else { return nil }
        let set = format == ResourceRecord.formatWithSet ? reader.id(in: row) : nil
        guard (set != nil) == (format == ResourceRecord.formatWithSet),
            let display = reader.textRange(in: row), row.count - reader.offset >= 2
        else { return nil }
        self.created = Timestamp(microseconds: created)
        self.lastModified = Timestamp(microseconds: lastModified)
        membershipSet = set
        self.display = display
        json = reader.offset..<row.count
    }

    func display(in row: Span<UInt8>) -> String {
        row.extracting(display).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

extension ResourceRecord {
    /// Reads a row back; nil if it is damaged.
    package init?(row: Span<UInt8>, type: ResourceType) {
        guard let layout = ResourceRecordLayout(row),
            let value = try? JSONValue(
                parsing: [UInt8](copying: row.extracting(layout.json)),
                limits: .stored
            ),
            case .object(let object) = value
        else { return nil }
        let resource = Resource(stored: object, type: type)
        self.init(layout.created, layout.lastModified, resource, layout.membershipSet, nil)
    }

    /// Reads of a row back what is needed to tell and change attributes of so many names; nil if it is damaged.
    ///
    /// All is read if the row does not look as it is written here.
    init?(row: Span<UInt8>, type: ResourceType, only names: [String]) {
        guard let layout = ResourceRecordLayout(row) else { return nil }
        var resource: Resource?
        let part = RecordPart(row, layout, names: names, type: type, resource: &resource)
        guard let part, let resource else {
            self.init(row: row, type: type)
            return
        }
        self.init(layout.created, layout.lastModified, resource, layout.membershipSet, part)
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// The name that others show for a resource; nil if there is no such resource.
    package func display(of id: UniqueID, tenant: UInt32, kind: UInt8) throws(DirectoryError) -> String? {
        try row(Keys.record(tenant, kind, id)) { row, _ in
            ResourceRecordLayout(row)?.display(in: row)
        } ?? nil
    }
}
