/// The resource types of a simulation.
enum Kind: String, Sendable, Hashable, CaseIterable {
    case user = "Users"
    case group = "Groups"
}

/// What a client writes of a user.
struct UserValues: Sendable, Hashable {
    var name: String
    var title: String?
}

/// What a client writes of a group.
struct GroupValues<ID: Sendable & Hashable>: Sendable, Hashable {
    var name: String
    var members: [ID]
}

/// One operation of a PATCH on a group's members.
enum MemberStep<ID: Sendable & Hashable>: Sendable, Hashable {
    case add([ID])
    case remove([ID])
    case replace([ID])
    case removeAll
}

/// One read or change of one resource; a program names resources by their places, a history by their ids.
enum Step<ID: Sendable & Hashable>: Sendable, Hashable {
    case createUser(UserValues)
    case createGroup(GroupValues<ID>)
    case read(Kind, ID)
    case replaceUser(ID, UserValues)
    case replaceGroup(ID, GroupValues<ID>)
    case patchUser(ID, name: String?, title: String?)
    case patchGroup(ID, name: String?, [MemberStep<ID>])
    case delete(Kind, ID)
    /// One line of an import, which finds its user by name, else creates it.
    case importUser(UserValues)

    var kind: Kind {
        switch self {
        case .createUser, .replaceUser, .patchUser, .importUser: .user
        case .createGroup, .replaceGroup, .patchGroup: .group
        case .read(let kind, _), .delete(let kind, _): kind
        }
    }

    /// The resource; nil for what creates one.
    var id: ID? {
        switch self {
        case .createUser, .createGroup, .importUser: nil
        case .read(_, let id), .delete(_, let id), .replaceUser(let id, _), .replaceGroup(let id, _),
            .patchUser(let id, _, _), .patchGroup(let id, _, _):
            id
        }
    }

    var isRead: Bool { if case .read = self { true } else { false } }

    /// The same step with its resources named otherwise.
    func map<Other>(_ other: (ID) -> Other) -> Step<Other> {
        switch self {
        case .createUser(let values): .createUser(values)
        case .createGroup(let values): .createGroup(values.map(other))
        case .read(let kind, let id): .read(kind, other(id))
        case .replaceUser(let id, let values): .replaceUser(other(id), values)
        case .replaceGroup(let id, let values): .replaceGroup(other(id), values.map(other))
        case .patchUser(let id, let name, let title): .patchUser(other(id), name: name, title: title)
        case .patchGroup(let id, let name, let steps):
            .patchGroup(other(id), name: name, steps.map { $0.map(other) })
        case .delete(let kind, let id): .delete(kind, other(id))
        case .importUser(let values): .importUser(values)
        }
    }
}

extension GroupValues {
    func map<Other>(_ other: (ID) -> Other) -> GroupValues<Other> {
        GroupValues<Other>(name: name, members: members.map(other))
    }
}

extension MemberStep {
    func map<Other>(_ other: (ID) -> Other) -> MemberStep<Other> {
        switch self {
        case .add(let ids): .add(ids.map(other))
        case .remove(let ids): .remove(ids.map(other))
        case .replace(let ids): .replace(ids.map(other))
        case .removeAll: .removeAll
        }
    }
}

// MARK: - Text

extension UserValues: CustomStringConvertible {
    var description: String { "\(name)\(title.map { " title=\($0)" } ?? "")" }
}

extension GroupValues: CustomStringConvertible {
    var description: String { "\(name) {\(members.map { "\($0)" }.joined(separator: " "))}" }
}

extension MemberStep: CustomStringConvertible {
    var description: String {
        func list(_ ids: [ID]) -> String { ids.map { "\($0)" }.joined(separator: " ") }
        return switch self {
        case .add(let ids): "add \(list(ids))"
        case .remove(let ids): "remove \(list(ids))"
        case .replace(let ids): "members={\(list(ids))}"
        case .removeAll: "remove all"
        }
    }
}

extension Step: CustomStringConvertible {
    var description: String {
        switch self {
        case .createUser(let values): return "POST user \(values)"
        case .createGroup(let values): return "POST group \(values)"
        case .read(_, let id): return "GET \(id)"
        case .replaceUser(let id, let values): return "PUT \(id) \(values)"
        case .replaceGroup(let id, let values): return "PUT \(id) \(values)"
        case .patchUser(let id, let name, let title):
            let parts = [name.map { "userName=\($0)" }, title.map { "title=\($0)" }].compactMap(\.self)
            return "PATCH \(id) [\(parts.joined(separator: ", "))]"
        case .patchGroup(let id, let name, let steps):
            let parts = (name.map { ["displayName=\($0)"] } ?? []) + steps.map(\.description)
            return "PATCH \(id) [\(parts.joined(separator: ", "))]"
        case .delete(_, let id): return "DELETE \(id)"
        case .importUser(let values): return "import \(values)"
        }
    }
}
