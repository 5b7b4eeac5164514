import JSON

/// The schema paths of the attributes in which two states of a resource differ, for the audit trail.
///
/// A multi-valued attribute is one path; a complex one is told by its sub-attributes: `active`, `name.familyName`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.
package func changedPaths(from old: Resource, to new: Resource, type: ResourceType) -> [String] {
    let extensions = Set(type.extensions.map(\.schema.id))
    var paths: [String] = []
    for name in names(old.attributes, new.attributes) {
        let (before, after) = (old.attributes[name], new.attributes[name])
        guard !before.isSame(as: after) else { continue }
        guard extensions.contains(name) else {
            appendPaths(name, before, after, to: &paths)
            continue
        }
        let (inside, outside) = (members(before), members(after))
        for attribute in names(inside, outside) where !inside[attribute].isSame(as: outside[attribute]) {
            appendPaths("\(name):\(attribute)", inside[attribute], outside[attribute], to: &paths)
        }
    }
    return paths
}

private func appendPaths(_ path: String, _ before: JSONValue?, _ after: JSONValue?, to paths: inout [String])
{
    let (old, new) = (members(before), members(after))
    guard !old.isEmpty || !new.isEmpty else { return paths.append(path) }
    for name in names(old, new) where !old[name].isSame(as: new[name]) { paths.append("\(path).\(name)") }
}

private func members(_ value: JSONValue?) -> JSONObject {
    if case .object(let object)? = value { object } else { JSONObject() }
}

private func names(_ old: JSONObject, _ new: JSONObject) -> [String] {
    old.members.map(\.name) + new.members.map(\.name).filter { old[$0] == nil }
}
