import JSON

/// Changes the value of one attribute as one operation asks (RFC 7644 §3.5.2.1 to §3.5.2.3).
struct AttributeEditor {
    private let attribute: AttributeDefinition
    private let subAttribute: AttributeDefinition?
    private let path: AttributePath
    private let profile: Profile
    /// The attribute's value before and after; nil if it has none.
    private(set) var value: JSONValue?

    init(_ target: ResolvedAttribute, value: JSONValue?, _ profile: Profile) {
        attribute = target.attribute
        subAttribute = target.subAttribute
        path = target.path
        self.profile = profile
        self.value = value
    }

    // MARK: - add and replace

    /// Adds or replaces; null, `[]` and an empty complex value stand for no value (RFC 7643 §2.5).
    mutating func set(_ new: JSONValue, _ filter: Filter?, isReplacing: Bool) throws(SCIMError) {
        if let filter { return try set(new, selectedBy: filter, isReplacing: isReplacing) }
        if let subAttribute { return try set(new, of: subAttribute, isReplacing: isReplacing) }
        if attribute.multiValued {
            // Entra sends `{}` when nothing has changed; it names no element.
            if case .object(let object) = new, object.isEmpty { return }
            var list = ElementList(isReplacing ? [] : elements, of: attribute)
            try list.insert(try decodedElements(new))
            value = list.value
        } else if attribute.type == .complex {
            value = try merged(new, into: value, isReplacing: isReplacing)
        } else {
            value = try AttributeValueDecoder.decode(try single(new, attribute), as: attribute, profile)
        }
    }

    /// Sets a sub-attribute of the value, or of every element; where there is none, of a new one.
    private mutating func set(
        _ new: JSONValue,
        of sub: AttributeDefinition,
        isReplacing: Bool
    ) throws(SCIMError) {
        let decoded = try decodedSub(new, sub)
        guard attribute.multiValued else {
            value = Self.normal(
                Self.withoutStaleReference(
                    try Self.setting(sub, decoded, in: Self.object(value), isReplacing: isReplacing),
                    value
                )
            )
            return
        }
        var list = ElementList(elements, of: attribute)
        if list.elements.isEmpty, let decoded {
            try list.insert([.object(JSONObject(uniqueMembers: [.init(name: sub.name, value: decoded)]))])
        } else {
            try list.change(Array(list.elements.indices)) { element throws(SCIMError) in
                try Self.setting(sub, decoded, in: Self.object(element), isReplacing: isReplacing)
            }
        }
        value = list.value
    }

    private mutating func set(
        _ new: JSONValue,
        selectedBy filter: Filter,
        isReplacing: Bool
    ) throws(SCIMError) {
        var list = ElementList(elements, of: attribute)
        let selected = try selection(filter, in: list)
        if let sub = subAttribute {
            let decoded = try decodedSub(new, sub)
            if selected.isEmpty {
                guard profile.contains(.creationByFilter) else { throw noTarget }
                // Unassigning what is not there changes nothing.
                guard let decoded else { return }
                try create(from: filter, [.init(name: sub.name, value: decoded)], in: &list)
            } else {
                try list.change(selected) { element throws(SCIMError) in
                    Self.withoutStaleReference(
                        try Self.setting(sub, decoded, in: Self.object(element), isReplacing: isReplacing),
                        element
                    )
                }
            }
        } else if selected.isEmpty {
            guard !isReplacing, profile.contains(.creationByFilter),
                case .object(let object)? = try decodedElements(new).first
            else { throw noTarget }
            try create(from: filter, object.members, in: &list)
        } else if isReplacing {
            var described: [JSONValue] = []
            for element in try decodedElements(new) { described.append(try completed(element, filter)) }
            try list.replace(selected, with: described)
        } else {
            let decoded = try decodedElement(new)
            try list.change(selected) { element throws(SCIMError) in
                guard attribute.type == .complex else { return decoded }
                return Self.normal(try Self.merging(decoded, over: element, attribute))
            }
        }
        try store(list)
    }

    /// An element with the `eq` terms of the filter that selected its place, where it says nothing else.
    private func completed(_ element: JSONValue, _ filter: Filter) throws(SCIMError) -> JSONValue {
        guard profile.contains(.creationByFilter), case .object(var object) = element,
            let terms = try ElementTemplate.object(describedBy: filter, attribute, profile)
        else { return element }
        for term in terms.members where object[term.name] == nil { object[term.name] = term.value }
        return .object(object)
    }

    /// Adds the element that a filter of `eq` terms describes, with more members; Entra relies on it.
    private func create(
        from filter: Filter,
        _ members: [JSONObject.Member],
        in list: inout ElementList
    ) throws(SCIMError) {
        guard var element = try ElementTemplate.object(describedBy: filter, attribute, profile) else {
            throw noTarget
        }
        for member in members {
            // A value that contradicts the filter describes another element than the one that was selected.
            guard element[member.name] == nil || subAttribute != nil || element[member.name] == member.value
            else {
                throw noTarget
            }
            element[member.name] = member.value
        }
        try list.insert([.object(element)])
    }

    // MARK: - remove

    /// Removes the attribute, the sub-attribute, the elements that a filter selects or those that a value
    /// names.
    mutating func remove(_ filter: Filter?, _ named: JSONValue?) throws(SCIMError) {
        if let filter {
            var list = ElementList(elements, of: attribute)
            let selected = try selection(filter, in: list)
            if let sub = subAttribute {
                try list.change(selected) { element throws(SCIMError) in
                    try removing(sub, named, from: element)
                }
            } else {
                list.remove(selected)
            }
            try store(list)
        } else if let sub = subAttribute {
            if attribute.multiValued {
                var list = ElementList(elements, of: attribute)
                try list.change(Array(list.elements.indices)) { element throws(SCIMError) in
                    try removing(sub, named, from: element)
                }
                value = list.value
            } else if let value {
                self.value = try removing(sub, named, from: value)
            }
        } else if attribute.multiValued, let named, named != .null {
            var list = ElementList(elements, of: attribute)
            list.remove(list.indices(named: try decodedElements(named)))
            value = list.value
        } else {
            value = nil
        }
        guard value != nil || !attribute.required else {
            throw SCIMError(.mutability, "\(path) is required and cannot be removed.")
        }
    }

    private func removing(
        _ sub: AttributeDefinition,
        _ named: JSONValue?,
        from element: JSONValue
    ) throws(SCIMError) -> JSONValue? {
        let object = Self.object(element)
        if sub.multiValued, let named, named != .null, case .array(let old)? = object[sub.name] {
            var list = ElementList(old, of: sub)
            let others = try AttributeValueDecoder.decode(Self.list(named), as: sub, profile)
            if case .array(let others)? = others { list.remove(list.indices(named: others)) }
            return Self.normal(try Self.setting(sub, list.value, in: object))
        }
        guard object[sub.name] != nil else { return element }
        guard !sub.required, sub.mutability != .immutable else {
            throw SCIMError(.mutability, "\(path) cannot be removed on its own.")
        }
        return Self.normal(try Self.setting(sub, nil, in: object))
    }

    // MARK: - Elements

    /// The values as a list; a single value is a list of one.
    private var elements: [JSONValue] {
        switch value {
        case nil: []
        case .array(let elements)?: elements
        case .some(let single): [single]
        }
    }

    private mutating func store(_ list: ElementList) throws(SCIMError) {
        guard !attribute.multiValued else { return value = list.value }
        // A filter on a single value that does not select it must not make a second one.
        guard list.elements.count <= 1 else { throw noTarget }
        value = list.elements.first
    }

    private func selection(_ filter: Filter, in list: ElementList) throws(SCIMError) -> [Int] {
        let bound = try BoundFilter(filter, elementsOf: attribute, profile)
        return list.elements.indices.filter { bound.matches(element: list.elements[$0]) }
    }

    private var noTarget: SCIMError { SCIMError(.noTarget, "The filter of \(path) selects no value.") }

    // MARK: - Values

    private func decodedElements(_ new: JSONValue) throws(SCIMError) -> [JSONValue] {
        let decoded = try AttributeValueDecoder.decode(Self.list(new), as: attribute.list, profile)
        return if case .array(let elements)? = decoded { elements } else { [] }
    }

    private func decodedElement(_ new: JSONValue) throws(SCIMError) -> JSONValue? {
        let elements = try decodedElements(new)
        guard elements.count <= 1 else {
            throw SCIMError(.invalidValue, "\(path) takes one value here, not several.")
        }
        return elements.first
    }

    /// A sub-attribute's value; the empty text unassigns a complex value's `value`, as Entra removes a
    /// manager.
    private func decodedSub(_ new: JSONValue, _ sub: AttributeDefinition) throws(SCIMError) -> JSONValue? {
        if sub.name == "value", Self.isEmptyText(new) { return nil }
        return try AttributeValueDecoder.decode(
            sub.multiValued ? Self.list(new) : try single(new, sub),
            as: sub,
            profile
        )
    }

    /// A complex value with the new sub-attributes over the old ones; null among the new ones unassigns
    /// (§3.5.2.3).
    private func merged(
        _ new: JSONValue,
        into old: JSONValue?,
        isReplacing: Bool
    ) throws(SCIMError) -> JSONValue? {
        let new = try single(new, attribute)
        if new == .null || Self.isEmptyText(new) { return nil }
        var result = Self.object(old)
        if case .object(let object) = new {
            let isRemoval = object.members.contains { $0.name.equalsIgnoringASCIICase("value") }
            if isRemoval, object.members.allSatisfy({ Self.isEmptyText($0.value) || $0.value == .null }) {
                return nil
            }
            for member in object.members {
                guard let sub = attribute.subAttribute(member.name), sub.mutability != .readOnly else {
                    continue
                }
                if try decodedSub(member.value, sub) == nil {
                    result = Self.object(try Self.setting(sub, nil, in: result))
                }
            }
        }
        let decoded = try AttributeValueDecoder.decode(new, as: attribute, profile)
        return Self.normal(
            try Self.merging(decoded, over: .object(result), attribute, isReplacing: isReplacing)
        )
    }

    /// An element or complex value with the members of another over its own, except readOnly ones.
    static func merging(
        _ new: JSONValue?,
        over old: JSONValue,
        _ attribute: AttributeDefinition,
        isReplacing: Bool = false
    ) throws(SCIMError) -> JSONValue {
        guard case .object(let members)? = new else { return old }
        var result = old
        for member in members.members {
            guard let sub = attribute.subAttribute(member.name), sub.mutability != .readOnly else { continue }
            if sub.name == "value", isEmptyText(member.value) { continue }
            result = try setting(sub, member.value, in: object(result), isReplacing: isReplacing)
        }
        return members["$ref"] == nil ? withoutStaleReference(result, old) : result
    }

    /// A value whose `value` has changed without its `$ref`, which therefore still points at the old one.
    private static func withoutStaleReference(_ new: JSONValue, _ old: JSONValue?) -> JSONValue {
        guard case .object(var object) = new, let reference = object["$ref"],
            reference == Self.object(old)["$ref"], object["value"] != Self.object(old)["value"]
        else { return new }
        object["$ref"] = nil
        return .object(object)
    }

    /// An object with a sub-attribute set or unassigned; an immutable one only where it had no value (RFC
    /// 7643 §2.2).
    ///
    /// Adding to a multi-valued sub-attribute keeps its values and adds those that are new.
    private static func setting(
        _ sub: AttributeDefinition,
        _ value: JSONValue?,
        in object: JSONObject,
        isReplacing: Bool = true
    ) throws(SCIMError) -> JSONValue {
        var object = object
        var new = value
        if !isReplacing, case .array(let old)? = object[sub.name] {
            var list = ElementList(old, of: sub)
            if case .array(let added)? = value { try list.insert(added) }
            new = list.value
        }
        guard object[sub.name] != new else { return .object(object) }
        guard sub.mutability != .immutable || object[sub.name] == nil else {
            throw SCIMError(.mutability, "\(sub.name) is immutable and has a value.")
        }
        object[sub.name] = new
        return .object(object)
    }

    /// An operation may give one value of several without an array around it (RFC 7644 §3.5.2.1).
    private static func list(_ value: JSONValue) -> JSONValue {
        if case .array = value { value } else { .array([value]) }
    }

    /// The value without the array that Entra wraps around some single values.
    private func single(
        _ value: JSONValue,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> JSONValue {
        guard case .array(let elements) = value else { return value }
        guard elements.isEmpty || elements.count == 1 && profile.contains(.arrayForSingle) else {
            throw SCIMError(.invalidValue, "\(definition.name) has one value, not several.")
        }
        return elements.first ?? .null
    }

    private static func object(_ value: JSONValue?) -> JSONObject {
        if case .object(let object)? = value { object } else { JSONObject() }
    }

    private static func isEmptyText(_ value: JSONValue) -> Bool {
        if case .string(let text) = value { text.isEmpty } else { false }
    }

    /// Nil for an object without members.
    private static func normal(_ value: JSONValue) -> JSONValue? {
        if case .object(let object) = value, object.isEmpty { nil } else { value }
    }
}

extension AttributeDefinition {
    /// The definition of one element of the attribute.
    var single: AttributeDefinition { with(multiValued: false) }
    /// The definition of a list of what the attribute holds.
    var list: AttributeDefinition { with(multiValued: true) }

    private func with(multiValued: Bool) -> AttributeDefinition {
        guard self.multiValued != multiValued else { return self }
        return AttributeDefinition(
            name,
            type,
            multiValued: multiValued,
            description: description,
            required: required,
            caseExact: caseExact,
            mutability: mutability,
            returned: returned,
            uniqueness: uniqueness,
            canonicalValues: canonicalValues,
            referenceTypes: referenceTypes,
            subAttributes: subAttributes
        )
    }
}
