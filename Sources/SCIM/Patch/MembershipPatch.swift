import JSON

/// One change of a group's members, in the order of the request.
package enum MemberChange: Sendable {
    /// Those that are members already stay as they are.
    case add([String])
    /// Those that are no members are left out silently (RFC 7644 §3.5.2.2).
    case remove([String])
    case removeAll
    case replaceAll([String])
    /// Every member whose element (`value`, `$ref`, `type`, `display`) fulfils the filter.
    case removeMatching(BoundFilter)
}

/// Separates the operations on `members` from the others, so that a membership change never needs the list.
package enum MembershipPatch {
    /// Splits the operations of a PATCH request; a type without `members` has only others.
    ///
    /// - Throws: `invalidValue` for a member without `value` and for more than ``PatchLimits/membersMax``,
    ///   `mutability` for changing a member's `value` in place, `noTarget` for adding to members that only a
    ///   filter describes.
    package static func split(
        _ operations: [PatchOperation],
        type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) -> (members: [MemberChange], other: [PatchOperation]) {
        guard let definition = type.membersAttribute else { return ([], operations) }
        var splitter = MembershipSplitter(type: type, members: definition, profile: profile)
        for operation in operations { try splitter.take(operation) }
        return (splitter.changes, splitter.others)
    }
}

private struct MembershipSplitter {
    let type: ResourceType
    let members: AttributeDefinition
    let profile: Profile
    var changes: [MemberChange] = []
    var others: [PatchOperation] = []
    private var namedCount = 0

    init(type: ResourceType, members: AttributeDefinition, profile: Profile) {
        self.type = type
        self.members = members
        self.profile = profile
    }

    mutating func take(_ operation: PatchOperation) throws(SCIMError) {
        guard let text = operation.path else { return try takePathless(operation) }
        let path = try PatchPath(parsing: text, type: type, profile)
        switch type.meaning(of: path.attribute, profile) {
        case .attribute(let target) where isMembers(target):
            try change(operation, path.filter, target.subAttribute)
        case .core:
            try takePathless(PatchOperation(operation.kind, value: operation.value))
        default: others.append(operation)
        }
    }

    private func isMembers(_ target: ResolvedAttribute) -> Bool {
        target.container == nil && target.attribute.name == members.name
    }

    // MARK: - Without a path

    private mutating func takePathless(_ operation: PatchOperation) throws(SCIMError) {
        guard case .object(let object)? = operation.value else { return others.append(operation) }
        var rest: [JSONObject.Member] = []
        for member in object.members {
            if let path = membersPath(member.name) {
                try take(PatchOperation(operation.kind, path: path, value: member.value))
            } else if SchemaAliases.schema(member.name, of: type, profile) == type.schema.id,
                case .object = member.value
            {
                try takePathless(PatchOperation(operation.kind, value: member.value))
            } else {
                rest.append(member)
            }
        }
        if rest.isEmpty, !object.isEmpty { return }
        others.append(
            PatchOperation(operation.kind, value: .object(JSONObject(uniqueMembers: rest)))
        )
    }

    /// A member's name, if it is a path to `members`; a name that is no path at all is an unknown attribute.
    private func membersPath(_ name: String) -> String? {
        guard let path = try? PatchPath(parsing: name, type: type, profile),
            let target = type.resolve(path.attribute, profile),
            profile.contains(.pathsAsNames) || path.isName(name)
        else { return nil }
        return isMembers(target) ? name : nil
    }

    // MARK: - On members

    private mutating func change(
        _ operation: PatchOperation,
        _ filter: Filter?,
        _ sub: AttributeDefinition?
    ) throws(SCIMError) {
        // What a member is called, and where it is found, follows from its value; nothing of it is stored.
        if let sub, sub.name != "value" {
            guard profile.contains(.memberDetails) else { throw immutable }
            return
        }
        if let filter { return try change(operation, matching: filter, sub) }
        guard sub == nil || operation.kind == .add || operation.value != nil && operation.kind == .remove
        else { throw immutable }
        switch operation.kind {
        case .add:
            let named = try values(of: operation.value)
            if !named.isEmpty { changes.append(.add(named)) }
        case .replace:
            let named = try values(of: operation.value)
            changes.append(named.isEmpty ? .removeAll : .replaceAll(named))
        case .remove:
            guard let value = operation.value, value != .null else { return changes.append(.removeAll) }
            let named = try values(of: value)
            if !named.isEmpty { changes.append(.remove(named)) }
        }
    }

    private mutating func change(
        _ operation: PatchOperation,
        matching filter: Filter,
        _ sub: AttributeDefinition?
    ) throws(SCIMError) {
        let selected = try named(by: filter)
        if sub != nil {
            // `members[value eq "x"].value` set to "x" is an addition; anything else would change a member's
            // identity.
            guard operation.kind != .remove, profile.contains(.creationByFilter), let selected,
                try values(of: operation.value) == selected
            else { throw immutable }
            return changes.append(.add(selected))
        }
        switch operation.kind {
        case .remove:
            if let selected {
                changes.append(.remove(selected))
            } else {
                changes.append(
                    .removeMatching(try BoundFilter(filter, elementsOf: members, profile))
                )
            }
        case .add, .replace:
            guard let selected, profile.contains(.creationByFilter) else {
                throw SCIMError(.noTarget, "Members are added by their value, not by a filter.")
            }
            let wanted = try replacement(operation.value) ?? selected
            let leaving = selected.filter { !wanted.contains($0) }
            if operation.kind == .replace, !leaving.isEmpty { changes.append(.remove(leaving)) }
            changes.append(.add(wanted))
        }
    }

    /// The members that take the place of selected ones; nil if the value does not name any.
    private mutating func replacement(_ value: JSONValue?) throws(SCIMError) -> [String]? {
        if case .object(let object)? = value, try object.member("value") == nil { return nil }
        if case .null? = value { return nil }
        return try values(of: value)
    }

    /// The values a filter names one by one: `value eq "a"`, joined by `or`.
    private mutating func named(by filter: Filter) throws(SCIMError) -> [String]? {
        let terms = if case .or(let terms) = filter { terms } else { [filter] }
        var values: [String] = []
        for term in terms {
            guard case .comparison(let path, .eq, .string(let text)) = term, path.schema == nil,
                path.subAttribute == nil, path.attribute.equalsIgnoringASCIICase("value")
            else { return nil }
            values.append(text)
        }
        try count(values)
        return values
    }

    /// The values of an array of members, of one member, or of a bare text; each once, in their order.
    private mutating func values(of value: JSONValue?) throws(SCIMError) -> [String] {
        let elements: [JSONValue] =
            switch value {
            case nil, .null?: []
            case .array(let elements)?: elements
            case .some(let single): [single]
            }
        var values: [String] = []
        var seen: Set<[UInt8]> = []
        for element in elements {
            let text = try text(of: element)
            // Compared as bytes: two canonically equal texts are two ids.
            if seen.insert(Array(text.utf8)).inserted { values.append(text) }
        }
        try count(values)
        return values
    }

    private func text(of element: JSONValue) throws(SCIMError) -> String {
        let value: JSONValue? =
            if case .object(let object) = element {
                try object.member("value")
            } else {
                profile.contains(.scalarForComplex) ? element : nil
            }
        guard case .string(let text)? = value, !text.isEmpty else {
            throw SCIMError(
                .invalidValue,
                "An element of members has a value: the id of a user or group, as a string."
            )
        }
        return text
    }

    private var immutable: SCIMError {
        SCIMError(.mutability, "A member is immutable: add and remove members instead.")
    }

    private mutating func count(_ values: [String]) throws(SCIMError) {
        namedCount += values.count
        guard namedCount <= PatchLimits.membersMax else {
            let limit = PatchLimits.membersMax
            throw SCIMError(
                .invalidValue,
                "A PATCH request names at most \(limit) members; this one names more."
            )
        }
    }
}
