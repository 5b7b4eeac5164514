import JSON

/// One change of a group's members, in the order of the request.
package enum MemberChange: Sendable {
    /// Those that are members already stay as they are.
    case add(MemberIDs)
    /// Those that are no members are left out silently (RFC 7644 §3.5.2.2).
    case remove(MemberIDs)
    case removeAll
    case replaceAll(MemberIDs)
    /// Some go and others come in their place; if those are nobody, the former stay.
    case exchange(MemberIDs, for: MemberIDs)
    /// Every member whose element (`value`, `$ref`, `type`, `display`) fulfils the filter.
    case removeMatching(BoundFilter)
}

/// Reads operations on `members` apart from the others, so that a membership change never needs the list.
struct MembershipReader {
    private(set) var changes: [MemberChange] = []
    private let definition: AttributeDefinition?
    private let profile: Profile

    /// For a type without members, it reads nothing.
    init(of type: ResourceType, _ profile: Profile) {
        definition = type.membersAttribute
        self.profile = profile
    }

    /// Whether a target is read here.
    func holds(_ target: ResolvedAttribute) -> Bool {
        target.container == nil && target.attribute === definition
    }

    /// Reads one operation.
    ///
    /// - Throws: `invalidValue` for a member without `value`, `mutability` for changing a member's `value` in place,
    ///   `noTarget` for adding to members that only a filter describes.
    mutating func read(
        _ kind: PatchOperation.Kind,
        filter: Filter?,
        subAttribute sub: AttributeDefinition?,
        value: JSONValue?
    ) throws(SCIMError) {
        // What a member is called, and where it is found, follows from its value; nothing of it is stored.
        if let sub, sub.name != "value" {
            guard profile.contains(.memberDetails) else { throw immutable }
            return
        }
        if let filter { return try readSelected(kind, by: filter, subAttribute: sub, value: value) }
        let ids = try named(by: value)
        switch kind {
        case .add:
            if let ids, !ids.isEmpty { changes.append(.add(ids)) }
        case .replace:
            guard sub == nil else { throw immutable }
            if Self.isNone(value) {
                changes.append(.removeAll)
            } else if let ids, !ids.isEmpty {
                changes.append(.replaceAll(ids))
            }
        case .remove:
            guard let ids else {
                guard sub == nil else { throw immutable }
                return changes.append(.removeAll)
            }
            if !ids.isEmpty { changes.append(.remove(ids)) }
        }
    }

    /// Whether a value to put in place stands for no members (RFC 7643 §2.5).
    private static func isNone(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null?: true
        case .array(let list)?: list.isEmpty
        default: false
        }
    }

    /// Reads one operation on the members that a filter selects.
    private mutating func readSelected(
        _ kind: PatchOperation.Kind,
        by filter: Filter,
        subAttribute sub: AttributeDefinition?,
        value: JSONValue?
    ) throws(SCIMError) {
        let selected = try selected(by: filter)
        if sub != nil {
            // `members[value eq "x"].value` set to "x" is an addition; anything else would change a member's
            // identity.
            guard kind != .remove, profile.contains(.creationByFilter), let selected,
                try named(by: value)?.subtracting(selected).isEmpty == true
            else { throw immutable }
            return changes.append(.add(selected))
        }
        if kind == .remove { return try remove(selected, matching: filter, named: value) }
        let bound = try bound(filter)
        guard profile.contains(.creationByFilter) else { throw noTarget }
        guard !Self.isNone(value) else {
            if kind == .replace { changes.append(selected.map { .remove($0) } ?? .removeMatching(bound)) }
            return
        }
        guard let selected else { throw noTarget }
        // It may say nothing of who the member is: the filter does.
        if case .object(let object)? = value, try object.member("value") == nil {
            if !object.isEmpty { changes.append(.add(selected)) }
            return
        }
        guard let wanted = try named(by: value) else { return }
        let leaving = kind == .replace ? selected.subtracting(wanted) : MemberIDs()
        changes.append(leaving.isEmpty ? .add(wanted) : .exchange(leaving, for: wanted))
    }

    private func bound(_ filter: Filter) throws(SCIMError) -> BoundFilter {
        guard let definition else { throw noTarget }
        return try BoundFilter(filter, elementsOf: definition, profile)
    }

    private var noTarget: SCIMError {
        SCIMError(.noTarget, "Members are added by their value, not by a filter.")
    }

    /// Removes those whom the filter selects, and a value names if there is one.
    private mutating func remove(
        _ selected: MemberIDs?,
        matching filter: Filter,
        named value: JSONValue?
    ) throws(SCIMError) {
        let bound = try bound(filter)
        switch (selected, try named(by: value)) {
        case (let selected?, nil): changes.append(.remove(selected))
        case (let selected?, let named?): changes.append(.remove(selected.intersection(named)))
        case (nil, nil):
            changes.append(.removeMatching(bound))
        case (nil, _?):
            throw SCIMError(.invalidValue, "Members are removed by a filter or by a value, not by both.")
        }
    }

    /// The values a filter names one by one: `value eq "a"`, joined by `or`.
    private func selected(by filter: Filter) throws(SCIMError) -> MemberIDs? {
        let terms = if case .or(let terms) = filter { terms } else { [filter] }
        var values = MemberIDs()
        for term in terms {
            guard case .comparison(let path, .eq, .string(let text)) = term, path.schema == nil,
                path.subAttribute == nil, path.attribute.equalsIgnoringASCIICase("value")
            else { return nil }
            values.append(text)
        }
        return values
    }

    /// The values of an array of members, of one member, or of a bare text, in their order; nil for null.
    private func named(by value: JSONValue?) throws(SCIMError) -> MemberIDs? {
        let elements: [JSONValue]
        switch value {
        case nil, .null?: return nil
        case .array(let list)?:
            elements = list
        // Nothing has been said of any member.
        case .object(let object)? where object.isEmpty: return MemberIDs()
        case .some(let single): elements = [single]
        }
        guard let definition else { return nil }
        let decoder = MemberDecoder(definition, profile)
        var values = MemberIDs()
        for element in elements { values.append(try decoder.id(of: element)) }
        return values
    }

    private var immutable: SCIMError {
        SCIMError(.mutability, "A member is immutable: add and remove members instead.")
    }
}
