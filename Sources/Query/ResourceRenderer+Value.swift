import Directory
import JSON
import SCIM
import Storage
import Tenancy

extension ResourceRenderer {
    /// A resource in the form clients see, as far as a query looks at it to filter and sort, and what it cost in units of
    /// ``WorkBudget``; nil if there is none.
    func value(
        of id: UniqueID,
        for part: ResourceQuery.Part,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> (JSONObject, cost: Int)? {
        let found = try snapshot.row(Keys.record(tenant, kind.code, id)) { row, version in
            ResourceRecordLayout(row).map { ($0, version, [UInt8](copying: row.extracting($0.json))) }
        }
        guard let found else { return nil }
        guard let (layout, version, json) = found,
            let value = try? JSONValue(parsing: json, limits: .stored), case .object(var object) = value
        else { throw .storage(.corrupt("record \(id.text)")) }
        var cost = WorkCost.parsing(bytes: json.count)
        if part.needs("meta") {
            let state = try state(of: id, layout, version, snapshot)
            object["meta"] = .object(meta(state, location: location(of: id, kind)))
        }
        if kind.groupsAttribute != nil, part.needs("groups") {
            let groups = try groups(of: id, snapshot)
            cost += QueryRun.memberCost * (groups?.count ?? 0)
            object["groups"] = groups.map(JSONValue.array)
        }
        if kind.membersAttribute != nil, part.needs("members") {
            let members = try members(in: layout.membershipSet ?? id, for: part, snapshot)
            cost += QueryRun.memberCost * members.count
            object["members"] = members.isEmpty ? nil : .array(members)
        }
        return (object, cost)
    }

    /// The members of a set that the part's filter or order looks at.
    ///
    /// - Throws: `tooMany` if the filter looks at more than the values of some, and there are too many.
    private func members(
        in set: UniqueID,
        for part: ResourceQuery.Part,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [JSONValue] {
        var edges: [MemberEdge] = []
        if part.filter?.needs("members") != true {
            // A list is sorted by one member.
            edges = try snapshot.members(ofSet: set, space: tenant, from: nil, limit: 1).edges
        } else if let sought = part.filter?.valuesSought(in: "members"),
            part.sort?.neededAttribute != "members"
        {
            edges = try self.edges(from: set, to: Set(sought.compactMap(UniqueID.init(text:))), snapshot)
        } else {
            let limit = pace == .loop ? FilterLimits.membersOnLoopMax : FilterLimits.membersMax
            edges = try snapshot.members(ofSet: set, space: tenant, from: nil, limit: limit + 1).edges
            guard edges.count <= limit else {
                if pace == .loop { throw .tooLongForLoop }
                throw .rejected(
                    SCIMError(
                        .tooMany,
                        "A filter looks at the members of groups that have at most \(limit), unless it compares members.value by eq."
                    )
                )
            }
        }
        var members: [JSONValue] = []
        for edge in edges {
            members.append(.object(try member(edge.member, kindCode: edge.kind, withDisplay: true, snapshot)))
        }
        return members
    }
}

extension ResourceQuery.Part {
    /// Whether the member at the top of a resource tells whether it matches, or where it stands.
    fileprivate func needs(_ name: String) -> Bool {
        filter?.needs(name) == true || sort?.neededAttribute == name
    }
}
