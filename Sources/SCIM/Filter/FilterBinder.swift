import JSON

/// Looks up a filter's names and checks its values against their attributes' types.
struct FilterBinder {
    /// What the names inside the filter are names of.
    enum Scope {
        case resource(ResourceType)
        /// Sub-attributes of one attribute, inside its value path.
        case element(ResolvedAttribute)
    }

    private let scope: Scope
    private let profile: Profile
    private let takesStringBooleans: Bool
    private(set) var equalities: [BoundFilter.Equality] = []
    private(set) var alternatives: [[[BoundFilter.Equality]]] = []

    init(scope: Scope, profile: Profile, takesStringBooleans: Bool) {
        self.scope = scope
        self.profile = profile
        self.takesStringBooleans = takesStringBooleans
    }

    /// Binds a part of the filter; `isConjunct` tells whether every match of the whole fulfils it.
    mutating func bind(_ filter: Filter, isConjunct: Bool) throws(SCIMError) -> BoundFilter.Node {
        switch filter {
        case .and(let terms): return .conjunction(try bindAll(terms, isConjunct: isConjunct))
        case .or(let terms): return try bindAlternatives(terms, isConjunct: isConjunct)
        case .not(let inner): return .negation(try bind(inner, isConjunct: false))
        case .valuePath(let path, let inner): return try bindValuePath(path, inner, isConjunct: isConjunct)
        case .present(let path):
            if let target = try resolve(path) { return .test(place(of: target), .isPresent(true)) }
            guard case .resource(let type) = scope,
                case .container(let schema) = type.meaning(of: path, profile)
            else { return try undefined(path, .never) }
            return .test(BoundFilter.Place(names: [schema.id], absent: nil), .isPresent(true))
        case .comparison(let path, let comparison, let literal):
            return try bindComparison(of: path, comparison, with: literal, isConjunct: isConjunct)
        }
    }

    private mutating func bindAll(
        _ terms: [Filter],
        isConjunct: Bool
    ) throws(SCIMError) -> [BoundFilter.Node] {
        var nodes: [BoundFilter.Node] = []
        for term in terms { nodes.append(try bind(term, isConjunct: isConjunct)) }
        return nodes
    }

    private mutating func bindAlternatives(
        _ terms: [Filter],
        isConjunct: Bool
    ) throws(SCIMError) -> BoundFilter.Node {
        guard isConjunct else { return .disjunction(try bindAll(terms, isConjunct: false)) }
        var nodes: [BoundFilter.Node] = []
        var ofTerms: [[BoundFilter.Equality]] = []
        for term in terms {
            var binder = FilterBinder(
                scope: scope,
                profile: profile,
                takesStringBooleans: takesStringBooleans
            )
            let node = try binder.bind(term, isConjunct: true)
            nodes.append(node)
            if !node.isNever { ofTerms.append(binder.equalities) }
        }
        if ofTerms.allSatisfy({ !$0.isEmpty }) { alternatives.append(ofTerms) }
        return .disjunction(nodes)
    }

    private mutating func bindComparison(
        of path: AttributePath,
        _ comparison: Filter.Operator,
        with literal: Filter.Literal,
        isConjunct: Bool
    ) throws(SCIMError) -> BoundFilter.Node {
        let named = try resolve(path)
        if case .null = literal {
            // Asks about the attribute as a whole, so that `emails eq null` is the opposite of `emails pr`.
            let test = try Self.presence(comparison)
            guard let named else { return try undefined(path, test.holds(false) ? .always : .never) }
            return .test(place(of: named), test)
        }
        // No value, be it undefined or complex and compared as a whole, differs from every literal
        // (§3.4.2.1).
        guard let target = named?.valueIfComplex else {
            return try undefined(path, comparison == .ne ? .always : .never)
        }
        let literal = meant(literal, comparison, target.definition)
        let caseExact = target.comparesCase(with: literal)
        let test = try test(of: target.definition, comparison, with: literal, caseExact: caseExact)
        if let type = resourceType(of: target) {
            var budget = WorkBudget.ofLiterals
            return test.holds(.string(type), &budget) ? .always : .never
        }
        if isConjunct, comparison == .eq, case .string(let text) = literal {
            note(target, caseExact ? text : CasePreparation.prepare(text))
        }
        return .test(place(of: target), test)
    }

    private mutating func bindValuePath(
        _ path: AttributePath,
        _ inner: Filter,
        isConjunct: Bool
    ) throws(SCIMError) -> BoundFilter.Node {
        guard case .resource = scope, let target = try resolve(path), target.subAttribute == nil else {
            return try undefined(path, .never)
        }
        var binder = FilterBinder(
            scope: .element(target),
            profile: profile,
            takesStringBooleans: takesStringBooleans
        )
        let node = try binder.bind(inner, isConjunct: isConjunct)
        equalities += binder.equalities
        alternatives += binder.alternatives
        return .element(target.names, node)
    }

    // MARK: - Names

    /// What a part of the filter comes to that asks for something undefined, or for a complex value as a whole.
    private func undefined(
        _ path: AttributePath,
        _ node: BoundFilter.Node
    ) throws(SCIMError) -> BoundFilter.Node {
        guard profile.contains(.undefinedAttributesInFilters) else {
            throw SCIMError(.invalidFilter, "\(path) names no attribute that can be compared.")
        }
        return node
    }

    /// What a path names in the scope; nil if nothing.
    ///
    /// - Throws: `invalidFilter` for an attribute that is never returned: a filter would tell of its value (RFC
    ///   7643 §7).
    private func resolve(_ path: AttributePath) throws(SCIMError) -> ResolvedAttribute? {
        guard let target = find(path) else { return nil }
        guard target.attribute.returned != .never, target.definition.returned != .never else {
            throw SCIMError(.invalidFilter, "\(target.path) is never returned and cannot be asked for.")
        }
        return target
    }

    private func find(_ path: AttributePath) -> ResolvedAttribute? {
        switch scope {
        case .resource(let type):
            return type.resolve(path, profile)
        case .element(let element):
            guard path.schema == nil, path.subAttribute == nil else { return nil }
            if let sub = element.attribute.subAttribute(path.attribute) {
                return ResolvedAttribute(
                    container: element.container,
                    attribute: element.attribute,
                    subAttribute: sub
                )
            }
            // The elements of a simple attribute are their own `value`.
            let isValue =
                element.attribute.type != .complex && path.attribute.equalsIgnoringASCIICase("value")
            return isValue ? element : nil
        }
    }

    /// The name of the type if that is what an attribute tells: all resources in the scope agree in it.
    private func resourceType(of target: ResolvedAttribute) -> String? {
        guard case .resource(let type) = scope, target.attribute === CommonAttributes.meta,
            target.subAttribute?.name == "resourceType"
        else { return nil }
        return type.name
    }

    private mutating func place(of target: ResolvedAttribute) -> BoundFilter.Place {
        let absent = target.absentValue.map(JSONValue.bool)
        if case .element = scope {
            return BoundFilter.Place(names: [target.subAttribute?.name ?? "value"], absent: absent)
        }
        return BoundFilter.Place(names: target.names, absent: absent)
    }

    private mutating func note(_ target: ResolvedAttribute, _ text: String) {
        let definition = target.definition
        guard definition.type == .string || definition.type == .reference else { return }
        equalities.append(BoundFilter.Equality(attribute: target, text: text))
    }

    // MARK: - Values

    /// The literal as its attribute holds it: the text of a number where a loose filter left out the quotes.
    ///
    /// Not so in an ordering: numbers have another order than their texts.
    private func meant(
        _ literal: Filter.Literal,
        _ comparison: Filter.Operator,
        _ definition: AttributeDefinition
    ) -> Filter.Literal {
        guard case .number(let number) = literal, profile.contains(.looseFilters), !comparison.isOrdering,
            definition.type == .string || definition.type == .reference
        else { return literal }
        return .string(number.text)
    }

    private func test(
        of definition: AttributeDefinition,
        _ comparison: Filter.Operator,
        with literal: Filter.Literal,
        caseExact: Bool
    ) throws(SCIMError) -> FilterTest {
        switch definition.type {
        case .string, .reference, .binary:
            guard case .string(let text) = literal else {
                throw Self.mismatch(definition, "its value is written in quotes")
            }
            guard definition.type != .binary || !comparison.isOrdering else {
                throw Self.unordered(definition)
            }
            return .text(comparison, PreparedText(text, caseExact: caseExact, for: comparison))
        case .boolean:
            guard comparison == .eq || comparison == .ne else { throw Self.unordered(definition) }
            guard let flag = flag(literal) else {
                throw Self.mismatch(definition, "its value is true or false")
            }
            return .boolean(flag, isEqual: comparison == .eq)
        case .integer, .decimal:
            guard case .number(let number) = literal, !comparison.isSubstring else {
                throw Self.mismatch(definition, "it is compared with numbers")
            }
            return .number(comparison, number)
        case .dateTime:
            guard case .string(let text) = literal else {
                throw Self.mismatch(definition, "its value is a date and time in quotes")
            }
            if comparison.isSubstring {
                return .text(comparison, PreparedText(text, caseExact: false, for: comparison))
            }
            guard let time = Timestamp(dateTime: text) else {
                throw Self.mismatch(definition, "its value is a date and time such as 2026-11-24T01:02:03Z")
            }
            return .time(comparison, time)
        case .complex:
            throw Self.unordered(definition)
        }
    }

    private func flag(_ literal: Filter.Literal) -> Bool? {
        switch literal {
        case .bool(let flag): flag
        case .string(let text) where takesStringBooleans: Bool(anyCase: text)
        default: nil
        }
    }

    /// `eq null` asks for no value, `ne null` for one (RFC 7643 §2.5: null and unassigned are one state).
    private static func presence(_ comparison: Filter.Operator) throws(SCIMError) -> FilterTest {
        switch comparison {
        case .eq: return .isPresent(false)
        case .ne: return .isPresent(true)
        default: throw SCIMError(.invalidFilter, "null can only be compared with eq and ne.")
        }
    }

    private static func mismatch(_ definition: AttributeDefinition, _ expected: String) -> SCIMError {
        SCIMError(.invalidFilter, "\(definition.name) is of type \(definition.type.rawValue): \(expected).")
    }

    private static func unordered(_ definition: AttributeDefinition) -> SCIMError {
        let kind = definition.type.rawValue
        return SCIMError(
            .invalidFilter,
            "\(definition.name) is of type \(kind), which this operator cannot compare."
        )
    }
}

extension ResolvedAttribute {
    /// Whether case counts in a comparison with a literal: as the definition says, but not where the value is an id that this
    /// server gave, and the literal a UUID, whose digits have no case (RFC 9562 §4).
    func comparesCase(with literal: Filter.Literal) -> Bool {
        guard definition.caseExact, isServerID, case .string(let text) = literal else {
            return definition.caseExact
        }
        return !text.isUUID
    }

    /// The same for any literal; nil if it depends on that.
    var comparesCase: Bool? { definition.caseExact && isServerID ? nil : definition.caseExact }

    /// Not so a manager's `value`, which is the client's own text.
    private var isServerID: Bool {
        guard container == nil else { return false }
        if attribute === CommonAttributes.id { return true }
        return subAttribute?.name == "value" && Self.referring.contains { $0 === attribute }
    }

    /// The attributes whose `value` is the id of another resource.
    private static let referring = [Schema.group.attribute("members"), Schema.user.attribute("groups")]
}

extension String {
    /// Whether the text has the form of a UUID, with digits in any case.
    fileprivate var isUUID: Bool {
        utf8.count == 36
            && utf8.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : byte.isASCIIHexDigit
            }
    }
}

extension Filter.Operator {
    var isOrdering: Bool { self == .gt || self == .ge || self == .lt || self == .le }
    var isSubstring: Bool { self == .co || self == .sw || self == .ew }
}
