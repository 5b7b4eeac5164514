import Audit
import JSON
import SCIM
import Storage
import Tenancy

/// Writes resources in the form of an answer: the stored bytes, then what is derived (RFC 7643 §3.1).
///
/// A reference type, because it is passed along for every resource.
package final class ResourceRenderer: Sendable {
    package let tenant: UInt32
    let kinds: ResourceKinds
    package let kind: ResourceKind
    /// The Tenant URL without a slash at its end.
    let baseURL: String
    let projection: AttributeProjection
    package let pace: WorkPace
    /// Where finished texts of groups are kept, if they are.
    let texts: GroupTexts?
    /// What stands in front of the id in a location; nil if it is written anew each time.
    let locationBeginning: [UInt8]?

    /// `isForMany`: whether it is used for many resources, so that more is made ready.
    package init(
        tenant: UInt32,
        kinds: ResourceKinds,
        kind: ResourceKind,
        baseURL: String,
        projection: AttributeProjection,
        pace: WorkPace,
        texts: GroupTexts? = nil,
        isForMany: Bool = false
    ) {
        self.texts = texts
        locationBeginning = isForMany ? Self.locationBeginning(baseURL, kind) : nil
        self.pace = pace
        self.tenant = tenant
        self.kinds = kinds
        self.kind = kind
        self.baseURL = baseURL
        self.projection = projection
    }

    /// What every answer tells about a resource besides its body.
    package struct Head {
        let id: UniqueID
        package let version: CommitVersion
    }

    /// A resource's version and times; those of a kind with members lie in a row of their own.
    package struct State {
        let version: CommitVersion
        package let created: Timestamp
        package let lastModified: Timestamp
    }

    /// A record that has been looked at.
    private struct FoundRecord {
        let version: CommitVersion
        /// Nil if the record is damaged.
        let layout: ResourceRecordLayout?
        /// The resource, unless it was written as it is stored.
        var json: [UInt8] = []

        init(_ row: Span<UInt8>, _ version: CommitVersion, splicing: Bool, to output: inout [UInt8]) {
            self.version = version
            layout = ResourceRecordLayout(row)
            guard let range = layout?.json else { return }
            if splicing {
                output.append(copying: row.extracting(range.lowerBound..<range.upperBound - 1))
            } else {
                json = [UInt8](copying: row.extracting(range))
            }
        }
    }

    /// Writes a resource up to, and without, its members and closing brace; nil if there is no such resource.
    ///
    /// `left`: the resource as a change has left it, in place of the one that is stored now.
    package func appendHead(
        of id: UniqueID,
        left: ChangedResource? = nil,
        from snapshot: borrowing Snapshot,
        to output: inout [UInt8]
    ) throws(DirectoryError) -> Head? {
        let splices = projection.isIdentity && kind.answersAsStored
        var found: FoundRecord?
        if let left {
            let row = left.row
            found = FoundRecord(row.span, left.version, splicing: splices, to: &output)
        } else {
            try snapshot.look(at: Keys.record(tenant, kind.code, id)) { row, version in
                found = FoundRecord(row, version, splicing: splices, to: &output)
            }
        }
        guard let found else { return nil }
        guard let layout = found.layout else { throw .storage(.corrupt("record \(id.text)")) }
        let state =
            if let left {
                State(version: left.version, created: layout.created, lastModified: left.lastModified)
            } else {
                try state(of: id, layout, found.version, snapshot)
            }
        if splices {
            try appendGroups(of: id, left: left, snapshot, to: &output)
            appendMeta(of: id, state, to: &output)
        } else {
            guard let value = try? JSONValue(parsing: found.json, limits: .stored),
                case .object(var object) = value
            else { throw .storage(.corrupt("record \(id.text)")) }
            if kind.groupsAttribute != nil, projection.includes("groups") {
                object["groups"] = try groups(of: id, left: left, snapshot).map(JSONValue.array)
            }
            object["meta"] = .object(meta(state, location: location(of: id, kind)))
            JSONValue.object(projection.apply(to: object)).write(to: &output)
            output.removeLast()
        }
        return Head(id: id, version: state.version)
    }

    /// Writes at most `limit` members from `start` on, as elements of an array.
    ///
    /// - Returns: the member to go on with, or nil after the last one.
    package func appendMembers(
        of id: UniqueID,
        from start: UniqueID?,
        limit: Int,
        isFirst: inout Bool,
        _ snapshot: borrowing Snapshot,
        to output: inout [UInt8]
    ) throws(DirectoryError) -> UniqueID? {
        let set = try snapshot.membershipSet(of: id, tenant: tenant, holder: kind.code)
        guard let set else { return nil }
        let slice = try snapshot.members(ofSet: set, space: tenant, from: start, limit: limit)
        try append(slice.edges, isFirst: &isFirst, snapshot, to: &output)
        return slice.next
    }

    /// The edges from a set to those of the resources that are in it.
    package func edges(
        from set: UniqueID,
        to ids: Set<UniqueID>,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [MemberEdge] {
        var edges: [MemberEdge] = []
        for id in ids.sorted() where try snapshot.holds(Edge(space: tenant, container: set, member: id)) {
            guard let kind = try snapshot.kind(of: id, tenant: tenant, among: kinds.memberKinds) else {
                continue
            }
            edges.append(MemberEdge(member: id, kind: kind.code))
        }
        return edges
    }

    /// Writes members as elements of an array.
    package func append(
        _ edges: [MemberEdge],
        isFirst: inout Bool,
        _ snapshot: borrowing Snapshot,
        to output: inout [UInt8]
    ) throws(DirectoryError) {
        let whole = projection.isIdentity
        let showsDisplay = kind.membersAttribute.map { projection.includes($0.name, sub: "display") } ?? false
        for edge in edges {
            let element = try member(edge.member, kindCode: edge.kind, withDisplay: showsDisplay, snapshot)
            var value = JSONValue.object(element)
            if !whole {
                let projected = projection.apply(
                    to: JSONObject(uniqueMembers: [.init(name: "members", value: .array([value]))])
                )
                guard case .array(let elements)? = projected["members"], let first = elements.first else {
                    continue
                }
                value = first
            }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            value.write(to: &output)
        }
    }

    /// One value of a group's `members` (RFC 7643 §4.2); its name costs another read.
    package func member(
        _ id: UniqueID,
        kindCode: UInt8,
        withDisplay: Bool,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> JSONObject {
        var element = JSONObject()
        element["value"] = .string(id.text)
        guard let kind = kinds.kind(code: kindCode) else { return element }
        element["$ref"] = .string(location(of: id, kind))
        element["type"] = .string(kind.type.name)
        if withDisplay, let display = try snapshot.display(of: id, tenant: tenant, kind: kind.code),
            !display.isEmpty
        {
            element["display"] = .string(display)
        }
        return element
    }

    /// The value of a user's `groups`: the groups that hold it directly (RFC 7643 §4.1.2); nil if there are none.
    package func groups(
        of id: UniqueID,
        left: ChangedResource? = nil,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [JSONValue]? {
        guard kind.groupsAttribute != nil, let holder = kinds.holder else { return nil }
        let groups = try holders(of: id, holder, left: left, snapshot)
        var values: [JSONValue] = []
        for group in groups {
            var element = JSONObject()
            element["value"] = .string(group.id.text)
            element["$ref"] = .string(location(of: group.id, holder))
            element["display"] = .string(group.display)
            element["type"] = .string("direct")
            values.append(.object(element))
        }
        return values.isEmpty ? nil : values
    }

    /// The groups that hold a resource directly.
    func holders(
        of id: UniqueID,
        _ holder: ResourceKind,
        left: ChangedResource?,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [HoldingGroup] {
        guard let left else {
            return try snapshot.groups(of: id, tenant: tenant, holder: holder.code, pace)
        }
        guard left.groups.count <= pace.groupsMax else { throw .tooLongForLoop }
        return left.groups
    }

    /// The version and times that an answer tells.
    package func state(
        of id: UniqueID,
        _ layout: ResourceRecordLayout,
        _ version: CommitVersion,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> State {
        guard kind.membersAttribute != nil,
            let stamp = try snapshot.row(
                Keys.stamp(tenant, kind.code, id),
                { row, version in (Stamp.time(row), version) }
            )
        else { return State(version: version, created: layout.created, lastModified: layout.lastModified) }
        return State(version: stamp.1, created: layout.created, lastModified: stamp.0 ?? layout.lastModified)
    }

    /// The version of a resource; nil if there is none.
    package func version(
        of id: UniqueID,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> CommitVersion? {
        if kind.membersAttribute != nil,
            let stamped = try snapshot.row(Keys.stamp(tenant, kind.code, id), { _, version in version })
        {
            return stamped
        }
        return try snapshot.row(Keys.record(tenant, kind.code, id)) { _, version in version }
    }

    package func meta(_ state: State, location: String) -> JSONObject {
        var meta = JSONObject()
        meta["resourceType"] = .string(kind.type.name)
        meta["created"] = .string(state.created.text)
        meta["lastModified"] = .string(state.lastModified.text)
        meta["location"] = .string(location)
        meta["version"] = .string(state.version.entityTag)
        return meta
    }

    package func location(of id: UniqueID, _ kind: ResourceKind) -> String {
        let endpoint = kind.type.endpoint
        var bytes: [UInt8] = []
        bytes.reserveCapacity(baseURL.utf8.count + endpoint.utf8.count + 1 + UniqueID.textByteCount)
        bytes += baseURL.utf8
        bytes += endpoint.utf8
        bytes.append(UInt8(ascii: "/"))
        id.append(textTo: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The row that carries the version and time of change of a resource with members.
package enum Stamp {
    package static func row(_ time: Timestamp) -> [UInt8] {
        var row: [UInt8] = []
        row.appendBigEndian(time.microseconds)
        return row
    }

    static func time(_ row: Span<UInt8>) -> Timestamp? {
        var reader = RowReader()
        return reader.integer(Int64.self, in: row).map(Timestamp.init(microseconds:))
    }
}
