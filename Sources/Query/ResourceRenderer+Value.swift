import Directory
import JSON
import SCIM
import Storage
import Tenancy

extension ResourceRenderer {
    /// A resource in the form clients see, as far as a query looks at it to filter and sort; nil if there is none.
    func value(
        of id: UniqueID,
        for part: ResourceQuery.Part,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> JSONObject? {
        let found = try snapshot.row(Keys.record(tenant, kind.code, id)) { row, version in
            ResourceRecordLayout(row).map { ($0, version, [UInt8](copying: row.extracting($0.json))) }
        }
        guard let found else { return nil }
        guard let (layout, version, json) = found,
            let value = try? JSONValue(parsing: json, limits: .stored), case .object(var object) = value
        else { throw .storage(.corrupt("record \(id.text)")) }
        if part.needs("meta") {
            let state = try state(of: id, layout, version, snapshot)
            object["meta"] = .object(meta(state, location: location(of: id, kind)))
        }
        if kind.groupsAttribute != nil, part.needs("groups") {
            object["groups"] = try groups(of: id, snapshot).map(JSONValue.array)
        }
        if kind.membersAttribute != nil, part.needs("members") {
            // A list is sorted by one member, so that only a filter looks at all of them.
            let limit = part.filter?.needs("members") == true ? Int.max : 1
            var members: [JSONValue] = []
            let set = layout.membershipSet ?? id
            for edge in try snapshot.members(ofSet: set, space: tenant, from: nil, limit: limit).edges {
                members.append(
                    .object(try member(edge.member, kindCode: edge.kind, withDisplay: true, snapshot))
                )
            }
            object["members"] = members.isEmpty ? nil : .array(members)
        }
        return object
    }
}

extension ResourceQuery.Part {
    /// Whether the member at the top of a resource tells whether it matches, or where it stands.
    fileprivate func needs(_ name: String) -> Bool {
        filter?.needs(name) == true || sort?.neededAttribute == name
    }
}
