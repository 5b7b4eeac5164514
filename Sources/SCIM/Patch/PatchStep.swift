import JSON

/// One change that an operation asks for; a path-less operation asks for one for each name in its value.
enum PatchStep: Sendable {
    case attribute(AttributeChange)
    /// Unassigns an extension with all that it holds; `isExplicit` if a path has named it.
    case unassignExtension(Schema, isExplicit: Bool)

    /// The member of the resource that it looks at.
    var name: String {
        switch self {
        case .attribute(let change): change.target.topLevelName
        case .unassignExtension(let schema, _): schema.id
        }
    }

    /// Makes the change, unless that costs more than the budget has; what it costs is taken out.
    func apply(
        to attributes: inout JSONObject,
        _ type: ResourceType,
        _ budget: inout WorkBudget
    ) throws(SCIMError) {
        switch self {
        case .attribute(let change): try Self.apply(change, to: &attributes, &budget)
        case .unassignExtension(let schema, let isExplicit):
            try Self.unassign(schema, isExplicit: isExplicit, in: &attributes, type)
        }
    }

    private static func apply(
        _ change: AttributeChange,
        to attributes: inout JSONObject,
        _ budget: inout WorkBudget
    ) throws(SCIMError) {
        let target = change.target
        let before =
            if let container = target.container {
                Self.object(container, in: attributes)[target.attribute.name]
            } else {
                attributes[target.attribute.name]
            }
        budget.spend(WorkCost.element + (before?.workCost ?? 0) + change.workCost)
        guard !budget.isSpent else { return }
        let after: JSONValue?
        if let value = change.wholeValue {
            after = value
        } else {
            var editor = AttributeEditor(change, value: before, budget)
            try editor.perform()
            budget = editor.budget
            guard !budget.isSpent else { return }
            after = editor.value
        }
        // What is set to what it was keeps its old spelling, and the resource its version (RFC 7644 §3.5.2.1).
        guard !before.isSame(as: after) else { return }
        guard target.attribute.mutability != .immutable || before == nil else {
            throw SCIMError(.mutability, "\(target.path) is immutable and has a value.")
        }
        try ImmutableAttributes.check(before, after, target.attribute)
        guard let container = target.container else {
            attributes[target.attribute.name] = after
            return
        }
        var holder = Self.object(container, in: attributes)
        holder[target.attribute.name] = after
        attributes[container] = holder.isEmpty ? nil : .object(holder)
    }

    /// The attributes of an extension; empty if it has none.
    private static func object(_ container: String, in attributes: JSONObject) -> JSONObject {
        if case .object(let inner)? = attributes[container] { inner } else { JSONObject() }
    }

    private static func unassign(
        _ schema: Schema,
        isExplicit: Bool,
        in attributes: inout JSONObject,
        _ type: ResourceType
    ) throws(SCIMError) {
        guard case .object(let object)? = attributes[schema.id] else { return }
        guard !type.extensions.contains(where: { $0.schema === schema && $0.required }) else {
            throw SCIMError(.mutability, "\(schema.id) is required and cannot be removed.")
        }
        if let first = object.members.first(where: { schema.attribute($0.name)?.mutability == .immutable }) {
            throw SCIMError(.mutability, "\(schema.id):\(first.name) is immutable and has a value.")
        }
        let kept = object.members.filter { schema.attribute($0.name)?.mutability == .readOnly }
        if isExplicit, let first = kept.first {
            throw SCIMError(.mutability, "\(schema.id):\(first.name) is readOnly.")
        }
        attributes[schema.id] = kept.isEmpty ? nil : .object(JSONObject(uniqueMembers: kept))
    }
}

/// A change of one attribute.
///
/// A reference type, because plans and their steps are handed on many times.
final class AttributeChange: Sendable {
    enum Action: Sendable {
        case add(PatchValue)
        case replace(PatchValue)
        /// Removes the target, or only what the value names of it.
        case remove(PatchValue?)
    }

    let target: ResolvedAttribute
    /// Which of the attribute's values it is about; nil for all of them.
    let selection: ElementSelection?
    let action: Action
    /// What it costs to take in the value that the request brings.
    let workCost: Int
    /// What the attribute comes to, whatever it was; nil if that depends on what it was.
    let wholeValue: JSONValue?

    init(target: ResolvedAttribute, selection: ElementSelection?, action: Action) {
        self.target = target
        self.selection = selection
        self.action = action
        workCost =
            switch action {
            case .add(let value), .replace(let value): value.workCost
            case .remove(let value): value?.workCost ?? 0
            }
        wholeValue =
            switch action {
            case .add(.value(let value)), .replace(.value(let value)):
                selection == nil && target.subAttribute == nil && !target.attribute.multiValued ? value : nil
            default: nil
            }
    }
}

/// The filter of a path, bound to the attribute whose values it selects.
struct ElementSelection: Sendable {
    private let filter: BoundFilter
    /// The value that is made where the filter selects none (``Profile/creationByFilter``), and whose members a replaced value
    /// keeps; nil if the filter describes none.
    let template: JSONObject?
    /// Whether a filter that selects nothing is no fault of an operation that has nothing to put there.
    let toleratesNone: Bool

    init(
        _ filter: Filter,
        of attribute: AttributeDefinition,
        _ profile: Profile
    ) throws(SCIMError) {
        self.filter = try BoundFilter(filter, elementsOf: attribute, profile)
        toleratesNone = profile.contains(.creationByFilter)
        // A literal that cannot be a value of its attribute describes no element.
        let described = try? ElementTemplate.object(describedBy: filter, attribute, profile)
        template = toleratesNone ? described.flatMap { $0 } : nil
    }

    /// Where the elements are that the filter selects; no answer if the budget is spent then.
    func indices(in elements: [JSONValue], _ budget: inout WorkBudget) -> [Int] {
        elements.indices.filter { filter.matches(element: elements[$0], &budget) }
    }
}
