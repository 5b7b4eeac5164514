import JSON
import SCIM
import TestSupport

/// Draws filters over the attributes of a resource type, with values that its resources have.
struct RandomFilters {
    let type: ResourceType
    let resources: [JSONObject]
    var random: SeededGenerator

    /// Attributes that an index answers for one of the types.
    private static let indexed = [
        "userName", "displayName", "externalId", "id", "groups", "members", "emails", "name", "active",
        "meta",
        "department", "manager",
    ]
    /// Comparisons that an index can answer.
    private static let ordered: [Filter.Operator] = [.eq, .sw, .gt, .ge, .lt, .le]

    /// A filter; every second one has a comparison that an index can answer for every match.
    mutating func next() -> Filter {
        let depth = Int.random(in: 0...3, using: &random)
        guard random.isOne(in: 2), let attribute = indexedAttribute() else {
            return filter(depth, element: nil)
        }
        let equality = comparison(
            attribute,
            inElement: false,
            operators: random.isOne(in: 2) ? [.eq] : Self.ordered
        )
        switch Int.random(in: 0...5, using: &random) {
        case 0: return equality
        case 1:
            let other = comparison(attribute, inElement: false, operators: Self.ordered)
            return random.isOne(in: 2) ? .and([equality, other]) : .or([equality, other])
        case 2:
            guard let attribute = indexedAttribute() else { return equality }
            return .or([equality, comparison(attribute, inElement: false, operators: Self.ordered)])
        case 3: return .and(flat([filter(depth, element: nil), equality]))
        default: return .and(flat([equality, filter(depth, element: nil)]))
        }
    }

    private func flat(_ terms: [Filter]) -> [Filter] {
        terms.flatMap { if case .and(let inner) = $0 { inner } else { [$0] } }
    }

    private mutating func indexedAttribute() -> AttributeDefinition? {
        let all =
            CommonAttributes.definitions + type.schema.attributes
            + type.extensions.flatMap(\.schema.attributes)
        return all.filter { Self.indexed.contains($0.name) }.randomElement(using: &random)
    }

    private mutating func filter(_ depth: Int, element: AttributeDefinition?) -> Filter {
        switch depth == 0 ? 9 : Int.random(in: 0...9, using: &random) {
        case 0, 1: return .and(terms(depth, element) { if case .and = $0 { true } else { false } })
        case 2, 3: return .or(terms(depth, element) { if case .or = $0 { true } else { false } })
        case 4: return .not(filter(depth - 1, element: element))
        case 5 where element == nil:
            let attribute = self.attribute()
            return .valuePath(path(attribute, sub: nil), filter(depth - 1, element: attribute.definition))
        default: return leaf(element)
        }
    }

    private mutating func terms(
        _ depth: Int,
        _ element: AttributeDefinition?,
        isSame: (Filter) -> Bool
    ) -> [Filter] {
        var terms: [Filter] = []
        while terms.count < 2 {
            let term = filter(depth - 1, element: element)
            if !isSame(term) { terms.append(term) }
        }
        return terms
    }

    // MARK: - Conditions

    private mutating func leaf(_ element: AttributeDefinition?) -> Filter {
        let attribute = element ?? self.attribute().definition
        guard random.isOne(in: 6) else {
            return comparison(attribute, inElement: element != nil, operators: Filter.Operator.allCases)
        }
        if element == nil, random.isOne(in: 8) {
            // Read without the schemas at hand, the last part of an extension's URI looks like an attribute.
            return .present(
                AttributePath(
                    schema: "urn:ietf:params:scim:schemas:extension:enterprise:2.0",
                    attribute: "User"
                )
            )
        }
        let sub = attribute.subAttributes.randomElement(using: &random)
        return .present(
            element == nil ? path(holder(of: attribute), sub: sub) : self.sub(sub?.name ?? "value")
        )
    }

    private mutating func comparison(
        _ attribute: AttributeDefinition,
        inElement: Bool,
        operators: [Filter.Operator]
    ) -> Filter {
        var sub = random.isOne(in: 4) ? nil : attribute.subAttributes.randomElement(using: &random)
        // An equality for an index is one with the ids at the other end.
        if operators.count == 1 { sub = attribute.subAttribute("value") }
        let compared = sub ?? attribute.subAttribute("value") ?? attribute
        let literal = literal(for: compared, of: attribute)
        let comparison = fitting(operators, compared, literal)
        guard !inElement else { return .comparison(self.sub(sub?.name ?? "value"), comparison, literal) }
        return .comparison(path(holder(of: attribute), sub: sub), comparison, literal)
    }

    /// Mostly an operator that the attribute's type allows; others are refused.
    private mutating func fitting(
        _ operators: [Filter.Operator],
        _ attribute: AttributeDefinition,
        _ literal: Filter.Literal
    ) -> Filter.Operator {
        let comparison = random.pick(operators)
        guard !random.isOne(in: 40) else { return comparison }
        if attribute.type == .boolean || literal == .null { return random.isOne(in: 2) ? .eq : .ne }
        if attribute.type == .binary, [.gt, .ge, .lt, .le].contains(comparison) { return .eq }
        return comparison
    }

    // MARK: - Names

    private struct Holder {
        let definition: AttributeDefinition
        let schema: String?
    }

    private mutating func attribute() -> Holder {
        let own = (CommonAttributes.definitions + type.schema.attributes).map {
            Holder(definition: $0, schema: nil)
        }
        let more = type.extensions.flatMap { part in
            part.schema.attributes.map { Holder(definition: $0, schema: part.schema.id) }
        }
        return random.pick(own + more + more)
    }

    private func holder(of attribute: AttributeDefinition) -> Holder {
        let part = type.extensions.first { $0.schema.attributes.contains { $0 === attribute } }
        return Holder(definition: attribute, schema: part?.schema.id)
    }

    private mutating func path(_ holder: Holder, sub: AttributeDefinition?) -> AttributePath {
        var schema = holder.schema ?? (random.isOne(in: 8) ? type.schema.id : nil)
        if random.isOne(in: 8) { schema = schema?.uppercased() }
        let name = random.isOne(in: 40) ? "unheardOf" : spelled(holder.definition.name)
        return AttributePath(schema: schema, attribute: name, subAttribute: sub.map { spelled($0.name) })
    }

    private mutating func sub(_ name: String) -> AttributePath { AttributePath(attribute: spelled(name)) }

    private mutating func spelled(_ name: String) -> String {
        random.isOne(in: 6) ? name.uppercased() : name
    }

    // MARK: - Values

    private mutating func literal(
        for compared: AttributeDefinition,
        of attribute: AttributeDefinition
    ) -> Filter.Literal {
        if random.isOne(in: 40) {
            return random.pick([.null, .bool(true), .number(JSONNumber(1)), .string("")])
        }
        if compared.type == .boolean { return .bool(random.isOne(in: 2)) }
        let texts = texts(of: compared, in: attribute)
        guard let text = texts.randomElement(using: &random) else { return .string("none") }
        return .string(altered(text, isDate: compared.type == .dateTime))
    }

    /// The texts that resources have for an attribute.
    private func texts(of compared: AttributeDefinition, in attribute: AttributeDefinition) -> [String] {
        let holder = holder(of: attribute)
        return resources.flatMap { resource -> [String] in
            var value = resource[holder.schema ?? attribute.name]
            if holder.schema != nil { value = value.flatMap { try? $0.object[attribute.name] } }
            let elements: [JSONValue] =
                if case .array(let list)? = value { list } else { value.map { [$0] } ?? [] }
            return elements.compactMap { element in
                switch element {
                case .string(let text): text
                case .object(let object): object.text(compared.name)
                default: nil
                }
            }
        }
    }

    private mutating func altered(_ text: String, isDate: Bool) -> String {
        guard !isDate else { return random.isOne(in: 30) ? "no date" : text }
        switch Int.random(in: 0...9, using: &random) {
        case 0: return text.uppercased()
        case 1: return text.lowercased()
        case 2: return String(text.prefix(Int.random(in: 0...3, using: &random)))
        case 3: return String(text.suffix(Int.random(in: 0...3, using: &random)))
        case 4: return text + "x"
        case 5: return text.replacing("ss", with: "ß")
        default: return text
        }
    }
}
