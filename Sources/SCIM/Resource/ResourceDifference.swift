import JSON

/// In which attributes two states of a resource differ; for the audit trail, by their schema paths.
///
/// A multi-valued attribute is one path; a complex one is told by its sub-attributes: `active`, `name.familyName`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.
package struct ResourceDifference {
    private let changed: [MemberDifference]
    private let type: ResourceType

    package init(from old: Resource, to new: Resource) {
        changed = changes(old.attributes, new.attributes)
        type = new.type
    }

    /// Whether the two are equal.
    package var isEmpty: Bool { changed.isEmpty }

    /// Whether they differ in an attribute, or in an extension by whose URN it is named.
    package func contains(_ name: String) -> Bool { changed.contains { $0.name == name } }

    /// Whether they differ in one of several attributes, or in one of several extensions by whose URNs it is named.
    package func hasAny(of names: NameSet) -> Bool { changed.contains { names.contains($0.name) } }

    /// The schema paths, those of the old resource first.
    package var paths: [String] {
        var paths: [String] = []
        for change in changed {
            guard type.extensions.contains(where: { $0.schema.id == change.name }) else {
                appendPaths(change.name, change, to: &paths)
                continue
            }
            for inner in changes(members(change.before), members(change.after)) {
                appendPaths(change.name + ":" + inner.name, inner, to: &paths)
            }
        }
        return paths
    }
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
    for inner in changes(old, new) { paths.append(path + "." + inner.name) }
}

private func members(_ value: JSONValue?) -> JSONObject {
    if case .object(let object)? = value { object } else { JSONObject() }
}

/// The members in which two objects differ: those of the old one in its order, then those that are new.
private func changes(_ old: JSONObject, _ new: JSONObject) -> [MemberDifference] {
    var changes: [MemberDifference] = []
    var removed = 0
    for index in old.members.indices {
        let place = new.index(of: old.members[index].name, near: index)
        if place == nil { removed += 1 }
        if let place, old.members[index].value.isSame(as: new.members[place].value) { continue }
        let (name, before) = (old.members[index].name, old.members[index].value)
        changes.append(
            MemberDifference(name: name, before: before, after: place.map { new.members[$0].value })
        )
    }
    // Mostly every name is in both.
    guard new.members.count > old.members.count - removed else { return changes }
    for index in new.members.indices where old.index(of: new.members[index].name, near: index) == nil {
        let member = new.members[index]
        changes.append(MemberDifference(name: member.name, before: nil, after: member.value))
    }
    return changes
}
