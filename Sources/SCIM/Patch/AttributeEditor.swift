import JSON

/// Carries out the change of one attribute (RFC 7644 §3.5.2.1 to §3.5.2.3).
///
/// No operation takes away more than it names: `add` takes nothing away, and a value that says nothing changes nothing.
/// `docs/reference/patch.md` has the whole table.
struct AttributeEditor {
    private let change: AttributeChange
    private let attribute: AttributeDefinition
    /// The attribute's value before and after; nil if it has none.
    private(set) var value: JSONValue?
    /// What finding the elements that a filter selects may cost; once it is spent, the value counts for nothing.
    private(set) var budget: WorkBudget

    init(_ change: AttributeChange, value: JSONValue?, _ budget: WorkBudget) {
        self.budget = budget
        self.change = change
        attribute = change.target.attribute
        self.value = value
    }

    mutating func perform() throws(SCIMError) {
        switch change.action {
        case .add(let said): try set(said, isReplacing: false)
        case .replace(let said): try set(said, isReplacing: true)
        case .remove(let named):
            let before = value
            try remove(named)
            guard value != nil || before == nil || !attribute.required else {
                throw SCIMError(.mutability, "\(change.target.path) is required and cannot be removed.")
            }
        }
    }

    // MARK: - add and replace

    private mutating func set(_ said: PatchValue, isReplacing: Bool) throws(SCIMError) {
        if let selection = change.selection {
            return try set(said, in: selection, isReplacing: isReplacing)
        }
        guard said.asks(forReplacing: isReplacing) else { return }
        if let sub = change.target.subAttribute {
            return try set(said.value, of: sub, isReplacing: isReplacing)
        }
        switch said {
        case .nothing: break
        case .unassigned: value = nil
        case .parts(let assigned, let unassigned):
            value = Self.normal(
                try Self.merging(
                    assigned,
                    unassigning: unassigned,
                    over: value,
                    of: attribute,
                    isReplacing: isReplacing
                )
            )
        case .value(.array(let elements)) where attribute.multiValued:
            var list = ElementList(isReplacing ? [] : self.elements, of: attribute, budget)
            try list.insert(elements)
            take(list)
        case .value(let new): value = new
        }
    }

    /// Sets a sub-attribute of the value, or of every element; where there is none, of a new one.
    private mutating func set(
        _ new: JSONValue?,
        of sub: AttributeDefinition,
        isReplacing: Bool
    ) throws(SCIMError) {
        guard attribute.multiValued else {
            value = Self.normal(
                Self.withoutStaleReference(
                    try Self.setting(sub, new, in: Self.object(value), isReplacing: isReplacing),
                    value
                )
            )
            return
        }
        guard canTake(new.map(PatchValue.value), into: elements.count) else { return }
        var list = ElementList(elements, of: attribute, budget)
        if list.elements.isEmpty {
            guard let new else { return }
            try list.insert([.object(JSONObject(uniqueMembers: [.init(name: sub.name, value: new)]))])
        } else {
            try list.change(Array(list.elements.indices)) { element throws(SCIMError) in
                try Self.setting(sub, new, in: Self.object(element), isReplacing: isReplacing)
            }
        }
        take(list)
    }

    private mutating func set(
        _ said: PatchValue,
        in selection: ElementSelection,
        isReplacing: Bool
    ) throws(SCIMError) {
        let selected = selection.indices(in: elements, &budget)
        guard canTake(said, into: selected.count) else { return }
        var list = ElementList(elements, of: attribute, budget)
        guard !selected.isEmpty else { return try create(said, selection, &list) }
        guard said.asks(forReplacing: isReplacing) else { return }
        if let sub = change.target.subAttribute {
            try list.change(selected) { element throws(SCIMError) in
                Self.withoutStaleReference(
                    try Self.setting(sub, said.value, in: Self.object(element), isReplacing: isReplacing),
                    element
                )
            }
        } else {
            try set(said, at: selected, in: &list, selection, isReplacing: isReplacing)
        }
        try store(list)
    }

    /// Sets selected elements as a whole.
    private func set(
        _ said: PatchValue,
        at selected: [Int],
        in list: inout ElementList,
        _ selection: ElementSelection,
        isReplacing: Bool
    ) throws(SCIMError) {
        switch said {
        case .nothing: break
        case .unassigned: list.remove(selected)
        case .parts(_, let unassigned):
            guard isReplacing else { return }
            try list.change(selected) { element throws(SCIMError) in
                Self.normal(
                    try Self.merging(
                        JSONObject(),
                        unassigning: unassigned,
                        over: element,
                        of: attribute,
                        isReplacing: true
                    )
                )
            }
        case .value(let new):
            let described = Self.elements(of: new)
            if isReplacing {
                try list.replace(selected, with: described.map { Self.completed($0, selection) })
            } else {
                guard let element = described.first, described.count == 1 else {
                    throw SCIMError(.invalidValue, "\(change.target.path) takes one value here, not several.")
                }
                // A value that has no parts cannot be merged into another: it is one more.
                guard case .object(let new) = element else { return try list.insert([element]) }
                try list.change(selected) { old throws(SCIMError) in
                    Self.normal(try Self.merging(new, over: old, of: attribute, isReplacing: false))
                }
            }
        }
    }

    /// An element with the `eq` terms of the filter that selected its place, where it says nothing else.
    private static func completed(_ element: JSONValue, _ selection: ElementSelection) -> JSONValue {
        guard case .object(var object) = element, let template = selection.template else { return element }
        for term in template.members where object[term.name] == nil { object[term.name] = term.value }
        return .object(object)
    }

    /// Makes the element that a filter of `eq` terms describes and that is not there; Entra relies on it.
    private mutating func create(
        _ said: PatchValue,
        _ selection: ElementSelection,
        _ list: inout ElementList
    ) throws(SCIMError) {
        guard case .value(let new) = said else {
            // Unassigning what is not there changes nothing.
            guard selection.toleratesNone else { throw noTarget }
            return
        }
        let members: [JSONObject.Member]
        if let sub = change.target.subAttribute {
            members = [.init(name: sub.name, value: new)]
        } else if case .object(let object)? = Self.elements(of: new).first, Self.elements(of: new).count == 1
        {
            members = object.members
        } else {
            throw noTarget
        }
        guard var element = selection.template else { throw noTarget }
        for member in members {
            // A value that contradicts the filter describes another element than the one that was selected.
            guard
                element[member.name] == nil
                    || attribute.subAttribute(member.name)?.isSame(element[member.name], member.value) == true
            else { throw noTarget }
            element[member.name] = member.value
        }
        try list.insert([.object(element)])
        try store(list)
    }

    // MARK: - remove

    /// Removes the target, or of it what a value names.
    private mutating func remove(_ named: PatchValue?) throws(SCIMError) {
        if named == .nothing || named == .unassigned { return }
        if let selection = change.selection {
            let selected = selection.indices(in: elements, &budget)
            guard canTake(named, into: selected.count) else { return }
            var list = ElementList(elements, of: attribute, budget)
            if let sub = change.target.subAttribute {
                try list.change(selected) { element throws(SCIMError) in
                    try removing(sub, named, from: element)
                }
            } else if case .value(let others)? = named {
                let named = Set(list.indices(named: Self.elements(of: others)))
                list.remove(selected.filter(named.contains))
            } else if named == nil {
                list.remove(selected)
            }
            return try store(list)
        }
        if let sub = change.target.subAttribute {
            guard attribute.multiValued else {
                value = try value.flatMap { old throws(SCIMError) in try removing(sub, named, from: old) }
                return
            }
            guard canTake(named, into: elements.count) else { return }
            var list = ElementList(elements, of: attribute, budget)
            try list.change(Array(list.elements.indices)) { element throws(SCIMError) in
                try removing(sub, named, from: element)
            }
            take(list)
            return
        }
        switch named {
        case nil: value = nil
        case .value(let others)? where attribute.multiValued:
            var list = ElementList(elements, of: attribute, budget)
            list.remove(list.indices(named: Self.elements(of: others)))
            take(list)
        case .value(let other)?: if attribute.isSame(value, other) { value = nil }
        case .parts(let object, _)?: try removeParts(object)
        case .unassigned?, .nothing?: break
        }
    }

    /// Removes the sub-attributes that have the values of an object.
    private mutating func removeParts(_ object: JSONObject) throws(SCIMError) {
        for member in object.members {
            guard let sub = attribute.subAttribute(member.name), let old = value else { continue }
            value = try removing(sub, .value(member.value), from: old)
        }
    }

    private func removing(
        _ sub: AttributeDefinition,
        _ named: PatchValue?,
        from element: JSONValue
    ) throws(SCIMError) -> JSONValue? {
        let object = Self.object(element)
        guard let old = object[sub.name] else { return element }
        if case .value(let others)? = named {
            if sub.multiValued {
                var list = ElementList(Self.elements(of: old), of: sub, .ofSimpleValues)
                list.remove(list.indices(named: Self.elements(of: others)))
                return Self.normal(try Self.setting(sub, list.value, in: object))
            }
            guard sub.isSame(old, others) else { return element }
        }
        guard !sub.required, sub.mutability != .immutable else {
            throw SCIMError(.mutability, "\(attribute.name).\(sub.name) cannot be removed on its own.")
        }
        return Self.normal(Self.withoutStaleReference(try Self.setting(sub, nil, in: object), element))
    }

    // MARK: - Elements

    /// The values as a list; a single value is a list of one.
    private var elements: [JSONValue] { value.map(Self.elements) ?? [] }

    private static func elements(of value: JSONValue) -> [JSONValue] {
        if case .array(let elements) = value { elements } else { [value] }
    }

    /// Whether the budget suffices for working a value into so many elements; takes that out.
    private mutating func canTake(_ said: PatchValue?, into count: Int) -> Bool {
        budget.spend(count * (said?.workCost ?? 0))
        return !budget.isSpent
    }

    /// Takes over what a list has come to.
    private mutating func take(_ list: ElementList) {
        value = list.value
        budget = list.budget
    }

    private mutating func store(_ list: ElementList) throws(SCIMError) {
        guard !attribute.multiValued else { return take(list) }
        budget = list.budget
        // A filter on a single value that does not select it must not make a second one.
        guard list.elements.count <= 1 else { throw noTarget }
        value = list.elements.first
    }

    private var noTarget: SCIMError {
        SCIMError(.noTarget, "The filter of \(change.target.path) selects no value.")
    }

    // MARK: - Parts of complex values

    /// An element or complex value with some sub-attributes set and others unassigned.
    static func merging(
        _ assigned: JSONObject,
        unassigning unassigned: [String] = [],
        over old: JSONValue?,
        of attribute: AttributeDefinition,
        isReplacing: Bool
    ) throws(SCIMError) -> JSONValue {
        var result = JSONValue.object(object(old))
        for member in assigned.members {
            guard let sub = attribute.subAttribute(member.name) else { continue }
            result = try setting(sub, member.value, in: object(result), isReplacing: isReplacing)
        }
        for name in unassigned where isReplacing {
            guard let sub = attribute.subAttribute(name) else { continue }
            result = try setting(sub, nil, in: object(result))
        }
        return assigned["$ref"] == nil ? withoutStaleReference(result, old) : result
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
            var list = ElementList(old, of: sub, .ofSimpleValues)
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

    private static func object(_ value: JSONValue?) -> JSONObject {
        if case .object(let object)? = value { object } else { JSONObject() }
    }

    /// Nil for an object without members.
    private static func normal(_ value: JSONValue) -> JSONValue? {
        if case .object(let object) = value, object.isEmpty { nil } else { value }
    }
}
