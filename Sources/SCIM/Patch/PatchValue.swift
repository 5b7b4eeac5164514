import JSON

/// What the value of an operation says of its target.
///
/// The four cases are the columns of the table in `docs/reference/patch.md`; ``AttributeEditor`` has its cells.
enum PatchValue: Sendable, Equatable {
    /// A value in normal form; of a multi-valued target the array of its elements.
    case value(JSONValue)
    /// Parts of a complex value: sub-attributes to set, and the names of those to unassign; not both are empty.
    case parts(JSONObject, unassigned: [String])
    /// No value (RFC 7643 §2.5): null, an empty array for several values, an empty text.
    case unassigned
    /// Nothing: an empty object, or content that is ignored.
    case nothing

    /// Whether the value asks for a change; to add no value is none.
    func asks(forReplacing isReplacing: Bool) -> Bool {
        switch self {
        case .value, .parts: true
        case .unassigned: isReplacing
        case .nothing: false
        }
    }

    /// The value; nil for none.
    var value: JSONValue? { if case .value(let value) = self { value } else { nil } }

    /// What it costs to take it in, in units of ``WorkBudget``.
    var workCost: Int {
        switch self {
        case .value(let value): value.workCost
        case .parts(let object, let unassigned):
            JSONValue.object(object).workCost + WorkCost.value * unassigned.count
        case .unassigned, .nothing: WorkCost.value
        }
    }
}

/// Reads values of operations.
///
/// An empty value says something else than a value of which everything was ignored: the former unassigns, the latter changes
/// nothing.
struct PatchValueReader {
    private let profile: Profile

    init(_ profile: Profile) { self.profile = profile }

    /// Reads what is to be put into a target.
    ///
    /// `isSelected`: whether a filter selects among the values of the attribute, so that the value describes one of them.
    /// - Throws: `invalidValue` for a value of another type, `invalidSyntax` for an undefined sub-attribute that is not ignored.
    func value(
        _ value: JSONValue,
        for target: ResolvedAttribute,
        isSelected: Bool
    ) throws(SCIMError) -> PatchValue {
        if value == .null { return .unassigned }
        let definition = target.definition
        if target.subAttribute == nil, definition.multiValued || isSelected {
            return try elements(value, of: definition, isSelected: isSelected)
        }
        if definition.multiValued { return try elements(value, of: definition, isSelected: false) }
        return definition.type == .complex ? try complex(value, definition) : try simple(value, definition)
    }

    /// Reads what a removal names of its target; nil if it names nothing in particular, but the target itself.
    func named(
        _ value: JSONValue?,
        of target: ResolvedAttribute,
        isSelected: Bool
    ) throws(SCIMError) -> PatchValue? {
        guard let value, value != .null else { return nil }
        let read = try self.value(value, for: target, isSelected: isSelected)
        guard case .value(.array) = read, target.definition.type == .complex else { return read }
        var told: [JSONValue] = []
        for element in Self.list(value) where try tells(element, target.definition) { told.append(element) }
        guard !told.isEmpty else { return .nothing }
        return try elements(.array(told), of: target.definition, isSelected: isSelected)
    }

    /// Whether an element to remove tells which one is meant: by its `value`, or by members all of which can be compared.
    ///
    /// One that is ignored, or has no value, would make it mean more than it says.
    private func tells(_ element: JSONValue, _ definition: AttributeDefinition) throws(SCIMError) -> Bool {
        guard case .object(let object) = element,
            case .array(let decoded)? = try AttributeValueDecoder.decode(
                .array([element]),
                as: definition.list,
                profile
            ),
            case .object(let told)? = decoded.first
        else { return true }
        return told["value"] != nil || told.members.count == object.members.count
    }

    private func simple(_ value: JSONValue, _ definition: AttributeDefinition) throws(SCIMError) -> PatchValue
    {
        try AttributeValueDecoder.decode(try unwrapped(value, definition), as: definition, profile)
            .map(PatchValue.value) ?? Self.absence(value)
    }

    /// What a value says that comes to none: an array around nothing names nothing.
    private static func absence(_ value: JSONValue) -> PatchValue {
        if case .array(let list) = value, !list.isEmpty { .nothing } else { .unassigned }
    }

    private func complex(
        _ value: JSONValue,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> PatchValue {
        let single = try unwrapped(value, definition)
        if single == .null { return Self.absence(value) }
        let decoded = try AttributeValueDecoder.decode(single, as: definition, profile)
        guard case .object(let object) = single else {
            return Self.parts(decoded, of: nil, definition) ?? Self.absence(value)
        }
        return Self.parts(decoded, of: object, definition) ?? .nothing
    }

    private func elements(
        _ value: JSONValue,
        of definition: AttributeDefinition,
        isSelected: Bool
    ) throws(SCIMError) -> PatchValue {
        switch value {
        case .array(let list) where list.isEmpty: return .unassigned
        case .string(let text) where text.isEmpty:
            guard profile.contains(.emptyTexts) else {
                throw SCIMError(
                    .invalidValue,
                    "The value of \(definition.name) is an array or one value, not an empty text."
                )
            }
            return .unassigned
        // Entra sends `{}` when nothing has changed.
        case .object(let object) where object.isEmpty && definition.type == .complex: return .nothing
        default: break
        }
        let decoded = try AttributeValueDecoder.decode(.array(Self.list(value)), as: definition.list, profile)
        if let decoded {
            try ElementList.requireOnePrimary(decoded, definition)
            return .value(decoded)
        }
        guard isSelected, case .object(let object)? = Self.list(value).first, Self.list(value).count == 1
        else {
            return .nothing
        }
        return Self.parts(nil, of: object, definition) ?? .nothing
    }

    /// The parts that an object sets and unassigns; nil if there are none.
    private static func parts(
        _ decoded: JSONValue?,
        of object: JSONObject?,
        _ definition: AttributeDefinition
    ) -> PatchValue? {
        let assigned: JSONObject = if case .object(let object)? = decoded { object } else { JSONObject() }
        let unassigned = (object?.members ?? []).compactMap { member -> String? in
            guard let sub = definition.subAttribute(member.name), sub.mutability != .readOnly,
                sub.mutability != .writeOnly, assigned[sub.name] == nil
            else { return nil }
            // An array that held nothing of use says nothing.
            if case .array(let list) = member.value, !list.isEmpty { return nil }
            return sub.name
        }
        return assigned.isEmpty && unassigned.isEmpty ? nil : .parts(assigned, unassigned: unassigned)
    }

    /// An operation may give one value of several without an array around it (RFC 7644 §3.5.2.1).
    private static func list(_ value: JSONValue) -> [JSONValue] {
        if case .array(let elements) = value { elements } else { [value] }
    }

    /// The value without the array that Entra wraps around some single values.
    private func unwrapped(
        _ value: JSONValue,
        _ definition: AttributeDefinition
    ) throws(SCIMError) -> JSONValue {
        guard case .array(let elements) = value else { return value }
        guard elements.count <= 1, profile.contains(.arrayForSingle) else {
            throw SCIMError(.invalidValue, "\(definition.name) has one value, not several.")
        }
        return elements.first ?? .null
    }
}
