import JSON

/// The schema paths of the attributes in which two states of a resource differ, for the audit trail.
///
/// A multi-valued attribute is one path; a complex one is told by its sub-attributes: `active`, `name.familyName`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.
package func changedPaths(from old: Resource, to new: Resource, type: ResourceType) -> [String] {
    var paths: [String] = []
    for change in changes(old.attributes, new.attributes) {
        guard type.extensions.contains(where: { $0.schema.id == change.name }) else {
            appendPaths(change.name, change, to: &paths)
            continue
        }
        for inner in changes(members(change.before), members(change.after)) {
            appendPaths("\(change.name):\(inner.name)", inner, to: &paths)
        }
    }
    return paths
}

/// A member that two objects do not share; one of the values may be absent.
private struct MemberDifference {
    let name: String
    let before: JSONValue?
    let after: JSONValue?
}

private func appendPaths(_ path: String, _ change: MemberDifference, to paths: inout [String]) {
    let (old, new) = (members(change.before), members(change.after))
    guard !old.isEmpty || !new.isEmpty else { return paths.append(path) }
    for inner in changes(old, new) { paths.append("\(path).\(inner.name)") }
}

private func members(_ value: JSONValue?) -> JSONObject {
    if case .object(let object)? = value { object } else { JSONObject() }
}

/// The members in which two objects differ: those of the old one in its order, then those that are new.
private func changes(_ old: JSONObject, _ new: JSONObject) -> [MemberDifference] {
    var changes: [MemberDifference] = []
    for (index, member) in old.members.enumerated() {
        let after = new.value(of: member.name, near: index)
        if let after, member.value.isSame(as: after) { continue }
        changes.append(MemberDifference(name: member.name, before: member.value, after: after))
    }
    for (index, member) in new.members.enumerated() where old.value(of: member.name, near: index) == nil {
        changes.append(MemberDifference(name: member.name, before: nil, after: member.value))
    }
    return changes
}
