import JSON

/// The elements of a multi-valued attribute while an operation changes them.
///
/// Keeps two rules: an element that is already there is not added again (RFC 7644 §3.5.2.1, RFC 7643 §2.4),
/// and an element that becomes primary takes that from every other (RFC 7644 §3.5.2).
struct ElementList {
    private let attribute: AttributeDefinition
    private(set) var elements: [JSONValue]
    /// Where the elements with a key are, built when the first element is inserted.
    private var places: [[UInt8]: [Int]]?
    /// What finding elements that are alike may cost; once it is spent, the list counts for nothing.
    private(set) var budget: WorkBudget

    init(_ elements: [JSONValue], of attribute: AttributeDefinition, _ budget: WorkBudget) {
        self.elements = elements
        self.attribute = attribute
        self.budget = budget
    }

    /// The attribute's value; nil without elements.
    var value: JSONValue? { elements.isEmpty ? nil : .array(elements) }

    /// Adds elements; one with the `value` and `type` of another is merged into it.
    mutating func insert(_ new: [JSONValue]) throws(SCIMError) {
        var touched: [Int] = []
        for element in new {
            let index = index(like: element)
            guard !budget.isSpent else { return }
            if let index {
                if case .object(let more) = element {
                    elements[index] = try AttributeEditor.merging(
                        more,
                        over: elements[index],
                        of: attribute,
                        isReplacing: false
                    )
                }
                touched.append(index)
            } else {
                let key = key(of: element)
                places?[key, default: []].append(elements.count)
                touched.append(elements.count)
                elements.append(element)
                // Checked here and not only at the end, so that no request makes later operations search a
                // longer list.
                guard elements.count <= ResourceLimits.elementsMax else {
                    let limit = ResourceLimits.elementsMax
                    throw SCIMError(
                        .invalidValue,
                        "The attribute \(attribute.name) has more than \(limit) values."
                    )
                }
            }
        }
        try settlePrimary(Array(Set(touched)))
    }

    /// Changes elements in place; those for which `change` returns nil go away.
    mutating func change(
        _ indices: [Int],
        _ change: (JSONValue) throws(SCIMError) -> JSONValue?
    ) throws(SCIMError) {
        var gone: [Int] = []
        for index in indices {
            if let changed = try change(elements[index]), !Self.isEmptyObject(changed) {
                elements[index] = changed
            } else {
                gone.append(index)
            }
        }
        try settlePrimary(indices.filter { !gone.contains($0) })
        remove(gone)
    }

    /// Puts new elements where the first of the selected ones was; the others go away.
    mutating func replace(_ indices: [Int], with new: [JSONValue]) throws(SCIMError) {
        guard let place = indices.min() else { return }
        let gone = Set(indices)
        let rest = elements.indices.filter { !gone.contains($0) }.map { elements[$0] }
        let before = place - indices.count { $0 < place }
        places = nil
        elements = Array(rest[..<before]) + new + Array(rest[before...])
        try settlePrimary(Array(before..<before + new.count))
    }

    mutating func remove(_ indices: [Int]) {
        guard !indices.isEmpty else { return }
        places = nil
        let gone = Set(indices)
        elements = elements.indices.filter { !gone.contains($0) }.map { elements[$0] }
    }

    /// The elements that others name: by `value`, and `type` if given, or by every member if they have no
    /// `value`.
    mutating func indices(named others: [JSONValue]) -> [Int] {
        var found: [Int] = []
        for other in others {
            guard !budget.isSpent else { break }
            if member("value", of: other) == nil, case .object = other {
                budget.spend(elements.count * (WorkCost.element + other.workCost))
                found += elements.indices.filter { isNamed(elements[$0], by: other) }
            } else {
                let type = text(of: "type", in: other)
                let candidates = candidates(key(of: other))
                budget.spend(WorkCost.element * candidates.count)
                found += candidates.filter {
                    type == nil || text(of: "type", in: elements[$0]) == type
                }
            }
        }
        return found
    }

    // MARK: - Sameness

    /// The element that adding another would repeat.
    private mutating func index(like element: JSONValue) -> Int? {
        let candidates = candidates(key(of: element))
        budget.spend(WorkCost.element * candidates.count)
        guard case .object = element else { return candidates.first }
        let type = text(of: "type", in: element)
        return candidates.first {
            Self.isSubset(element, of: elements[$0])
                || (member("value", of: element) != nil && text(of: "type", in: elements[$0]) == type)
        }
    }

    private mutating func candidates(_ key: [UInt8]) -> [Int] {
        if places == nil {
            places = Dictionary(grouping: elements.indices) { self.key(of: elements[$0]) }
        }
        return places?[key] ?? []
    }

    /// What equal elements have in common: the `value` as it is compared, or the whole element; as bytes,
    /// since canonically equal strings are different values.
    private func key(of element: JSONValue) -> [UInt8] {
        let value = member("value", of: element) ?? element
        let definition = attribute.type == .complex ? attribute.subAttribute("value") : attribute
        guard case .string(let text) = value else { return Array(Self.text(of: value).utf8) }
        return Array((definition?.caseExact ?? true ? text : CasePreparation.prepare(text)).utf8)
    }

    private func text(of name: String, in element: JSONValue) -> String? {
        guard case .string(let text)? = member(name, of: element) else { return nil }
        return CasePreparation.prepare(text)
    }

    private func member(_ name: String, of element: JSONValue) -> JSONValue? {
        if case .object(let object) = element { object[name] } else { nil }
    }

    /// Whether an element has all the members of another, as their attributes are compared.
    private func isNamed(_ element: JSONValue, by other: JSONValue) -> Bool {
        guard case .object(let part) = other, case .object(let whole) = element else { return false }
        return part.members.allSatisfy { member in
            attribute.subAttribute(member.name)?.isSame(whole[member.name], member.value) ?? false
        }
    }

    private static func isSubset(_ element: JSONValue, of other: JSONValue) -> Bool {
        guard case .object(let part) = element, case .object(let whole) = other else {
            return element == other
        }
        return part.members.allSatisfy { whole[$0.name] == $0.value }
    }

    private static func isEmptyObject(_ value: JSONValue) -> Bool {
        if case .object(let object) = value { object.isEmpty } else { false }
    }

    /// A text that equal values share.
    private static func text(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.text
        case .string(let text): "\"\(text)\""
        case .array(let elements): "[\(elements.map(text).joined(separator: ","))]"
        case .object(let object):
            "{\(object.members.map { "\($0.name):\(text(of: $0.value))" }.sorted().joined(separator: ","))}"
        }
    }

    // MARK: - Primary

    /// Refuses a list of which several elements are primary, whatever it is to be added to.
    static func requireOnePrimary(_ value: JSONValue, _ attribute: AttributeDefinition) throws(SCIMError) {
        guard case .array(let elements) = value, attribute.subAttribute("primary")?.type == .boolean else {
            return
        }
        let count = elements.count { element in
            if case .object(let object) = element { object["primary"] == .bool(true) } else { false }
        }
        guard count <= 1 else { throw severalPrimaries(attribute) }
    }

    private static func severalPrimaries(_ attribute: AttributeDefinition) -> SCIMError {
        SCIMError(.invalidValue, "Only one value of \(attribute.name) can be primary.")
    }

    /// Leaves `primary` with the one of the touched elements that has it, if any.
    private mutating func settlePrimary(_ touched: [Int]) throws(SCIMError) {
        guard attribute.type == .complex, attribute.subAttribute("primary")?.type == .boolean else { return }
        let primaries = touched.filter { member("primary", of: elements[$0]) == .bool(true) }
        guard let primary = primaries.first else { return }
        guard primaries.count == 1 else { throw Self.severalPrimaries(attribute) }
        for index in elements.indices where index != primary {
            guard case .object(var object) = elements[index], object["primary"] == .bool(true) else {
                continue
            }
            object["primary"] = .bool(false)
            elements[index] = .object(object)
        }
    }
}
