import JSON

/// A filter whose names have been looked up in a resource type, ready to test resources (RFC 7644 §3.4.2.2).
///
/// ```
/// Filter ──init(_:type:)──► nodes: names to follow + a prepared test ──matches(_:)──► Bool
/// ```
/// Where the profile has ``Profile/undefinedAttributesInFilters``, attributes that the type does not define count as
/// having no value (RFC 7644 §3.4.2.1). No value equals nothing, so `ne` holds for it and every other comparison does
/// not.
package struct BoundFilter: Sendable {
    /// An `attribute eq "text"` that every match fulfils, for a look-up in an index.
    package struct Equality: Sendable, Equatable {
        /// The attribute; for a multi-valued complex one with the `value` sub-attribute it stands for.
        package let attribute: ResolvedAttribute
        /// The text: as written if the attribute is caseExact, otherwise in ``CasePreparation``'s form.
        package let text: String
    }

    indirect enum Node: Sendable {
        case all([Node])
        case any([Node])
        case not(Node)
        /// One element that lies at the names fulfils the inner node.
        case element([String], Node)
        case test(Place, FilterTest)
    }

    /// Where a value lies.
    struct Place: Sendable {
        let names: [String]
        /// What the absence of the last name means: `primary` is false unless it says otherwise (RFC 7643
        /// §2.4), and a user is active.
        let absent: JSONValue?
    }

    let root: Node
    /// Conditions that every match fulfils, in the order of the filter; several may be of use to an index.
    package let equalities: [Equality]
    /// Of each `or` that every match fulfils, and whose terms all demand equalities, the equalities of its terms: every match
    /// fulfils all those of one term.
    package let alternatives: [[[Equality]]]

    /// Whether the filter is one equality and nothing else, so that whoever finds the equality in an index is done.
    package var isOneEquality: Bool { equalities.count == 1 && root.isOneTest }

    /// The same filter with another text to compare with; nil unless it is one equality of a text and nothing else.
    package func asking(for text: String) -> BoundFilter? {
        guard case .test(let place, .text(.eq, _)) = root, let (equality, literal) = prepared(text) else {
            return nil
        }
        return BoundFilter(
            root: .test(place, .text(.eq, literal)),
            equalities: [Equality(attribute: equality.attribute, text: literal.text)]
        )
    }

    /// Another text as the filter would compare with it; nil where ``asking(for:)`` is.
    package func comparable(_ text: String) -> String? {
        guard case .test(_, .text(.eq, _)) = root else { return nil }
        return prepared(text)?.literal.text
    }

    /// Whether case counts in any text that the filter is asked for instead; nil where ``asking(for:)`` is, and where that depends on
    /// the text.
    package var isCaseExact: Bool? {
        guard case .test(_, .text(.eq, _)) = root, let equality = equalities.first, equalities.count == 1,
            alternatives.isEmpty
        else { return nil }
        return equality.attribute.comparesCase
    }

    private func prepared(_ text: String) -> (equality: Equality, literal: PreparedText)? {
        guard let equality = equalities.first, equalities.count == 1, alternatives.isEmpty else { return nil }
        let caseExact = equality.attribute.comparesCase(with: .string(text))
        return (equality, PreparedText(text, caseExact: caseExact, for: .eq))
    }

    private init(root: Node, equalities: [Equality]) {
        self.root = root
        self.equalities = equalities
        alternatives = []
    }

    /// A filter for resources that have no value at some names, and that another filter finds.
    package static func absence(of names: [String], in other: BoundFilter?) -> BoundFilter {
        let absent = Node.test(Place(names: names, absent: nil), .isPresent(false))
        return BoundFilter(root: .all((other.map { [$0.root] } ?? []) + [absent]), equalities: [])
    }

    /// Whether every resource of the type matches, so that none need be looked at.
    package var isAlways: Bool { root.isAlways }

    /// Whether no resource of the type matches.
    package var isNever: Bool { root.isNever }

    /// Binds a filter over resources of one type.
    ///
    /// A query over several types, where every type knows other attributes, adds
    /// ``Profile/undefinedAttributesInFilters`` to its profile (RFC 7644 §3.4.2.1).
    /// - Throws: `invalidFilter` if an operator or value does not fit its attribute: an ordering of booleans
    ///   or binaries, a number for a string, a text that is no date for a dateTime; for an attribute that is never
    ///   returned, and for an undefined one that the profile refuses.
    package init(_ filter: Filter, type: ResourceType, _ profile: Profile) throws(SCIMError) {
        var binder = FilterBinder(
            scope: .resource(type),
            profile: profile,
            takesStringBooleans: profile.contains(.stringBooleansInFilters)
        )
        root = try binder.bind(filter, isConjunct: true)
        equalities = binder.equalities
        alternatives = binder.alternatives
    }

    /// Binds the filter of a PATCH operation's path, over the elements of one attribute.
    ///
    /// What is not defined is refused in every profile: taken as having no value, it would select everything under `ne` and
    /// `not`, and a misspelt removal would take all.
    /// - Throws: `invalidFilter`, as for a resource.
    package init(
        _ filter: Filter,
        elementsOf attribute: AttributeDefinition,
        _ profile: Profile
    ) throws(SCIMError) {
        var binder = FilterBinder(
            scope: .element(ResolvedAttribute(attribute: attribute)),
            profile: profile.subtracting(.undefinedAttributesInFilters),
            takesStringBooleans: profile.contains(.stringBooleans)
        )
        root = try binder.bind(filter, isConjunct: true)
        equalities = binder.equalities
        alternatives = binder.alternatives
    }

    /// Whether ``matches(_:)`` looks at a member at the top of a resource: an attribute's name or an extension's URN.
    package func needs(_ member: String) -> Bool { root.needs(member) }

    /// The texts that the values of a multi-valued attribute are compared with, if it is only looked for elements whose `value`
    /// equals one of them, so that no other elements matter; nil if the filter looks at more.
    package func valuesSought(in attribute: String) -> [String]? {
        var texts: [String] = []
        return root.seeks(onlyValuesOf: attribute, &texts) ? texts : nil
    }

    /// The attribute that the filter looks at first, for a sentence to the client.
    package var firstAttribute: String? { root.firstNames.map { $0.joined(separator: ".") } }

    /// Whether a resource in the form clients see fulfils the filter; names must be spelled as in the schemas.
    ///
    /// Takes what it costs out of the budget; the answer means nothing if that is spent then.
    package func matches(_ resource: JSONObject, _ budget: inout WorkBudget) -> Bool {
        root.holds(in: resource, &budget)
    }

    /// Whether one element of the attribute fulfils the filter, in the same way; a simple element is its own `value`.
    package func matches(element: JSONValue, _ budget: inout WorkBudget) -> Bool {
        if case .object(let object) = element { return root.holds(in: object, &budget) }
        return root.holds(in: JSONObject(uniqueMembers: [.init(name: "value", value: element)]), &budget)
    }
}

extension BoundFilter.Node {
    fileprivate var isOneTest: Bool {
        switch self {
        case .test: true
        case .element(_, let node): node.isOneTest
        case .all(let nodes), .any(let nodes): nodes.count == 1 && nodes.allSatisfy(\.isOneTest)
        case .not: false
        }
    }

    static let always = BoundFilter.Node.all([])
    static let never = BoundFilter.Node.any([])

    fileprivate var isAlways: Bool { if case .all(let nodes) = self { nodes.isEmpty } else { false } }
    var isNever: Bool { if case .any(let nodes) = self { nodes.isEmpty } else { false } }

    /// All of the nodes; what is certain before any resource is seen falls away.
    static func conjunction(_ nodes: [BoundFilter.Node]) -> BoundFilter.Node {
        guard !nodes.contains(where: \.isNever) else { return .never }
        return .all(nodes.contains(where: \.isAlways) ? nodes.filter { !$0.isAlways } : nodes)
    }

    /// One of the nodes; what is certain before any resource is seen falls away.
    static func disjunction(_ nodes: [BoundFilter.Node]) -> BoundFilter.Node {
        guard !nodes.contains(where: \.isAlways) else { return .always }
        return .any(nodes.contains(where: \.isNever) ? nodes.filter { !$0.isNever } : nodes)
    }

    static func negation(_ node: BoundFilter.Node) -> BoundFilter.Node {
        node.isAlways ? .never : node.isNever ? .always : .not(node)
    }

    fileprivate func needs(_ member: String) -> Bool {
        switch self {
        case .all(let nodes), .any(let nodes): nodes.contains { $0.needs(member) }
        case .not(let node): node.needs(member)
        case .element(let names, _): names.first == member
        case .test(let place, _): place.names.first == member
        }
    }

    fileprivate var firstNames: [String]? {
        switch self {
        case .all(let nodes), .any(let nodes): nodes.lazy.compactMap(\.firstNames).first
        case .not(let node): node.firstNames
        case .element(let names, let node): names + (node.firstNames ?? [])
        case .test(let place, _): place.names
        }
    }

    /// Whether the node looks at an attribute only for elements whose `value` equals a text, which it adds.
    fileprivate func seeks(onlyValuesOf attribute: String, _ texts: inout [String]) -> Bool {
        switch self {
        case .all(let nodes), .any(let nodes): nodes.allSatisfy { $0.seeks(onlyValuesOf: attribute, &texts) }
        case .not(let node): node.seeks(onlyValuesOf: attribute, &texts)
        case .element(let names, let node):
            names.first != attribute || names == [attribute] && node.isEquality(of: ["value"], &texts)
        case .test(let place, _):
            place.names.first != attribute || isEquality(of: [attribute, "value"], &texts)
        }
    }

    private func isEquality(of names: [String], _ texts: inout [String]) -> Bool {
        guard case .test(let place, .text(.eq, let literal)) = self, place.names == names else {
            return false
        }
        texts.append(literal.text)
        return true
    }

    func holds(in object: JSONObject, _ budget: inout WorkBudget) -> Bool {
        guard !budget.isSpent else { return false }
        switch self {
        case .all(let nodes): return nodes.allSatisfy { $0.holds(in: object, &budget) }
        case .any(let nodes): return nodes.contains { $0.holds(in: object, &budget) }
        case .not(let node): return !node.holds(in: object, &budget)
        case .element(let names, let node):
            return Self.anyValue(at: names[...], of: object, absent: nil) { value in
                budget.spend(WorkCost.value)
                guard let value else { return false }
                if case .object(let element) = value { return node.holds(in: element, &budget) }
                return node.holds(
                    in: JSONObject(uniqueMembers: [.init(name: "value", value: value)]),
                    &budget
                )
            }
        case .test(let place, let test):
            guard test.isAboutPresence else {
                return Self.anyValue(at: place.names[...], of: object, absent: place.absent) { value in
                    test.holds(value, &budget)
                }
            }
            return test.holds(
                Self.anyValue(at: place.names[...], of: object, absent: nil) { value in
                    budget.spend(WorkCost.value)
                    return FilterTest.isPresent(value)
                }
            )
        }
    }

    /// Offers every value at the names to `body` until one is taken; nil where there is none.
    ///
    /// Arrays are looked into: a multi-valued attribute matches if any of its values does.
    private static func anyValue(
        at names: ArraySlice<String>,
        of object: JSONObject,
        absent: JSONValue?,
        _ body: (JSONValue?) -> Bool
    ) -> Bool {
        guard let name = names.first else { return body(.object(object)) }
        guard let value = object[name] else { return body(names.count == 1 ? absent : nil) }
        return anyValue(at: names.dropFirst(), of: value, absent: absent, body)
    }

    private static func anyValue(
        at names: ArraySlice<String>,
        of value: JSONValue,
        absent: JSONValue?,
        _ body: (JSONValue?) -> Bool
    ) -> Bool {
        switch value {
        case .array(let elements):
            elements.isEmpty
                ? body(nil) : elements.contains { anyValue(at: names, of: $0, absent: absent, body) }
        case .object(let inner): anyValue(at: names, of: inner, absent: absent, body)
        default: body(names.isEmpty ? value : nil)
        }
    }
}
