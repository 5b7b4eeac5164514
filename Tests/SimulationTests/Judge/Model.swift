/// SCIM as one client alone would see it: the sequential model that histories are compared with.
///
/// Versions are those that answers told; nil stands for one that nobody has told yet.
struct Model: Sendable, Hashable {
    struct User: Sendable, Hashable {
        var name: String
        var title: String?
        var version: String?
    }

    struct Group: Sendable, Hashable {
        var name: String
        var members: Set<String>
        var version: String?
    }

    var users: [String: User] = [:]
    var groups: [String: Group] = [:]
    /// Whether whoever is deleted leaves each group at a time of its own.
    var membersLeaveLater = false

    /// What a step comes to.
    enum Effect: Sendable, Hashable {
        case refused(Set<Int>)
        /// `isChange`: false if everything was already as the step wants it.
        case done(Model, isChange: Bool)
    }

    func contains(_ id: String) -> Bool { users[id] != nil || groups[id] != nil }

    func version(_ id: String) -> String? { users[id]?.version ?? groups[id]?.version }

    /// The state with a version told.
    func telling(_ version: String?, of id: String) -> Model {
        var model = self
        model.users[id]?.version = version
        model.groups[id]?.version = version
        return model
    }

    func isInSameState(_ other: Model, _ id: String) -> Bool {
        users[id]?.name == other.users[id]?.name && users[id]?.title == other.users[id]?.title
            && groups[id]?.name == other.groups[id]?.name && groups[id]?.members == other.groups[id]?.members
            && contains(id) == other.contains(id)
    }
}

// MARK: - Steps

extension Model {
    /// What a step comes to, whatever versions its client knows.
    ///
    /// `newID`: the id of what it creates.
    func effect(of step: Step<String>, newID: String) -> Effect {
        guard step.id.map({ exists(step.kind, $0) }) != false else { return .refused([404]) }
        return switch step {
        case .read: .done(self, isChange: false)
        case .createUser(let values): put(newID, values)
        case .createGroup(let values): put(newID, name: values.name, members: Set(values.members), of: [])
        case .replaceUser(let id, let values): put(id, values)
        case .replaceGroup(let id, let values):
            put(id, name: values.name, members: Set(values.members), of: members(id).filter(contains))
        case .patchUser(let id, let name, let title):
            put(id, UserValues(name: name ?? users[id]?.name ?? "", title: title ?? users[id]?.title))
        case .patchGroup(let id, let name, let steps):
            put(
                id,
                name: name ?? groups[id]?.name ?? "",
                members: wanted(id, steps),
                of: steps.contains(where: \.replacesAll) ? members(id).filter(contains) : members(id)
            )
        case .delete(_, let id): .done(deleting(id), isChange: true)
        case .importUser(let values): importing(values, newID: newID)
        }
    }

    private func exists(_ kind: Kind, _ id: String) -> Bool {
        kind == .user ? users[id] != nil : groups[id] != nil
    }

    private func members(_ id: String) -> Set<String> { groups[id]?.members ?? [] }

    private func put(_ id: String, _ values: UserValues) -> Effect {
        guard !users.contains(where: { $0.key != id && $0.value.name == values.name }) else {
            return .refused([409])
        }
        var model = self
        model.users[id] = User(name: values.name, title: values.title, version: users[id]?.version)
        guard !model.isInSameState(self, id) else { return .done(self, isChange: false) }
        return .done(model.telling(nil, of: id), isChange: true)
    }

    private func put(
        _ id: String,
        name: String,
        members: Set<String>,
        of before: Set<String>
    ) -> Effect {
        // Both may be wrong at once; which is told first is left open.
        var statuses: Set<Int> = []
        if !members.subtracting(before).allSatisfy({ contains($0) }) { statuses.insert(400) }
        if groups.contains(where: { $0.key != id && $0.value.name == name }) { statuses.insert(409) }
        guard statuses.isEmpty else { return .refused(statuses) }
        var model = self
        model.groups[id] = Group(name: name, members: members, version: groups[id]?.version)
        guard !model.isInSameState(self, id) else { return .done(self, isChange: false) }
        return .done(model.telling(nil, of: id), isChange: true)
    }

    private func wanted(_ id: String, _ steps: [MemberStep<String>]) -> Set<String> {
        var members = members(id)
        for step in steps {
            switch step {
            case .add(let ids): members.formUnion(ids)
            case .remove(let ids): members.subtract(ids)
            case .replace(let ids): members = Set(ids)
            case .removeAll: members = []
            }
        }
        return members
    }

    private func deleting(_ id: String) -> Model {
        var model = self
        model.users[id] = nil
        model.groups[id] = nil
        guard !membersLeaveLater else { return model }
        for (group, state) in groups where state.members.contains(id) {
            model.groups[group]?.members.remove(id)
            model.groups[group]?.version = nil
        }
        return model
    }

    /// The states after a deleted member has left one group more.
    var afterLeaving: [Model] {
        groups.flatMap { group, state in
            state.members.filter { !contains($0) }.map { id in
                var model = telling(nil, of: group)
                model.groups[group]?.members.remove(id)
                return model
            }
        }
    }

    private func importing(_ values: UserValues, newID: String) -> Effect {
        guard let found = users.first(where: { $0.value.name == values.name })?.key else {
            return put(newID, values)
        }
        // An empty cell leaves the attribute as it is.
        return put(found, UserValues(name: values.name, title: values.title ?? users[found]?.title))
    }

    // MARK: What is shown

    func shows(_ shown: Shown, _ id: String) -> Bool {
        switch shown {
        case .user(let name, let title, let groups):
            guard let user = users[id], user.name == name, user.title == title else { return false }
            return groups == nil || groups == groupNames(of: id)
        case .group(let name, let members):
            return groups[id]?.name == name && groups[id]?.members == members
        }
    }

    private func groupNames(of id: String) -> [String: String] {
        groups.filter { $0.value.members.contains(id) }.mapValues(\.name)
    }
}

extension MemberStep {
    /// Whether nobody is a member afterwards who is not named: then whoever is deleted is nobody, even before it has left.
    fileprivate var replacesAll: Bool {
        switch self {
        case .add, .remove: false
        case .replace, .removeAll: true
        }
    }
}
