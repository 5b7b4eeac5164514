import JSON
import SCIM

/// RFC 7644 §3.4.2.2 to the letter: a filter evaluated over a resource as it was answered, without any preparation.
///
/// It shares names, case preparation and timestamps with the server, and nothing of how the server evaluates.
struct PlainFilter {
    let filter: Filter
    let type: ResourceType

    /// Why a filter is refused whatever the resources are: its values do not fit its attributes.
    struct Mismatch: Error {}

    /// - Throws: ``Mismatch`` as the server answers `invalidFilter`.
    func check() throws(Mismatch) { try check(filter, .resource(type)) }

    func matches(_ resource: JSONObject) -> Bool { Self.holds(filter, resource, .resource(type)) }

    // MARK: - Names

    private enum Scope {
        case resource(ResourceType)
        case element(AttributeDefinition)
    }

    private enum Meaning {
        case attribute(AttributeDefinition, names: [String])
        case container(String)
        case nothing
    }

    private static func meaning(_ path: AttributePath, _ scope: Scope) -> Meaning {
        switch scope {
        case .element(let attribute):
            guard path.schema == nil, path.subAttribute == nil else { return .nothing }
            if let sub = attribute.subAttribute(path.attribute) { return .attribute(sub, names: [sub.name]) }
            guard attribute.type != .complex, path.attribute.lowercased() == "value" else { return .nothing }
            return .attribute(attribute, names: ["value"])
        case .resource(let type):
            switch type.meaning(of: path) {
            case .attribute(let found): return .attribute(found.definition, names: found.names)
            case .container(let schema): return .container(schema.id)
            case .core, nil: return .nothing
            }
        }
    }

    /// What a comparison is about: a complex attribute stands for its `value` (§3.4.2.2).
    private static func compared(_ path: AttributePath, _ scope: Scope) -> (AttributeDefinition, [String])? {
        guard case .attribute(let definition, let names) = meaning(path, scope) else { return nil }
        guard definition.type == .complex else { return (definition, names) }
        return definition.subAttribute("value").map { ($0, names + ["value"]) }
    }

    /// All values that lie at some names; nil stands for an element that has none.
    private static func values(_ names: ArraySlice<String>, _ value: JSONValue?) -> [JSONValue?] {
        switch value {
        case .array(let elements)?: return elements.flatMap { values(names, $0) }
        case .object(let object)? where !names.isEmpty:
            return values(names.dropFirst(), object[names[names.startIndex]])
        case .some where !names.isEmpty: return [nil]
        default: return [value]
        }
    }

    // MARK: - Outcome

    private static func holds(_ filter: Filter, _ resource: JSONObject, _ scope: Scope) -> Bool {
        switch filter {
        case .and(let terms): !terms.contains { !holds($0, resource, scope) }
        case .or(let terms): terms.contains { holds($0, resource, scope) }
        case .not(let inner): !holds(inner, resource, scope)
        case .valuePath(let path, let inner): anyElement(path, resource, scope, inner)
        case .present(let path): isPresent(path, resource, scope)
        case .comparison(let path, .eq, .null): !isPresent(path, resource, scope)
        case .comparison(let path, .ne, .null): isPresent(path, resource, scope)
        case .comparison(let path, let comparison, let literal):
            anyValue(path, comparison, literal, resource, scope)
        }
    }

    private static func anyElement(
        _ path: AttributePath,
        _ resource: JSONObject,
        _ scope: Scope,
        _ inner: Filter
    ) -> Bool {
        guard case .attribute(let definition, let names) = meaning(path, scope), path.subAttribute == nil
        else {
            return false
        }
        return values(names[...], .object(resource)).contains { value in
            switch value {
            case nil: false
            case .object(let element)?: holds(inner, element, .element(definition))
            case .some(let value): holds(inner, wrapped(value), .element(definition))
            }
        }
    }

    private static func wrapped(_ value: JSONValue) -> JSONObject {
        JSONObject(uniqueMembers: [.init(name: "value", value: value)])
    }

    private static func isPresent(_ path: AttributePath, _ resource: JSONObject, _ scope: Scope) -> Bool {
        switch meaning(path, scope) {
        case .nothing: false
        case .container(let urn): hasContent(resource[urn])
        case .attribute(_, let names): values(names[...], .object(resource)).contains(where: hasContent)
        }
    }

    private static func hasContent(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null?, .string("")?: false
        case .array(let elements)?: elements.contains { hasContent($0) }
        case .object(let object)?: object.members.contains { hasContent($0.value) }
        default: true
        }
    }

    private static func anyValue(
        _ path: AttributePath,
        _ comparison: Filter.Operator,
        _ literal: Filter.Literal,
        _ resource: JSONObject,
        _ scope: Scope
    ) -> Bool {
        guard let (definition, names) = compared(path, scope) else { return comparison == .ne }
        return holders(names, resource).contains { holder in
            var value = holder
            if case .object(let object)? = holder {
                value = object[names[names.count - 1]]
                // RFC 7643 §2.4: an element that does not say is not primary.
                if value == nil, definition.name == "primary" { value = .bool(false) }
                // A user who does not say is active.
                if value == nil, definition.name == "active" { value = .bool(true) }
            }
            return values([], value).contains { compare($0, comparison, literal, definition) }
        }
    }

    /// The objects that the last name is a member of; nil where there is none.
    private static func holders(_ names: [String], _ resource: JSONObject) -> [JSONValue?] {
        values(names.dropLast()[...], .object(resource)).map { if case .object? = $0 { $0 } else { nil } }
    }

    private static func compare(
        _ value: JSONValue?,
        _ comparison: Filter.Operator,
        _ literal: Filter.Literal,
        _ definition: AttributeDefinition
    ) -> Bool {
        switch (value, meant(literal, comparison, definition)) {
        case (.bool(let value)?, .bool(let literal)): (value == literal) == (comparison == .eq)
        case (.number(let value)?, .number(let literal)): order(value.double, literal.double, comparison)
        case (.string(let value)?, .string(let literal))
        where definition.type == .dateTime && !isSubstring(comparison):
            order(
                Timestamp(dateTime: value)?.microseconds ?? 0,
                Timestamp(dateTime: literal)?.microseconds ?? 0,
                comparison
            )
        case (.string(let value)?, .string(let literal)):
            texts(
                definition.caseExact ? value : CasePreparation.prepare(value),
                definition.caseExact ? literal : CasePreparation.prepare(literal),
                comparison
            )
        default: comparison == .ne
        }
    }

    /// Without quotes a number is the text that it is (``Profile/looseFilters``), and a UUID among ids has no case.
    private static func meant(
        _ literal: Filter.Literal,
        _ comparison: Filter.Operator,
        _ definition: AttributeDefinition
    ) -> Filter.Literal {
        switch literal {
        case .number(let number)
        where [.string, .reference].contains(definition.type) && ![.gt, .ge, .lt, .le].contains(comparison):
            .string(number.text)
        case .string(let text) where ids.contains { $0 === definition } && text.wholeMatch(of: uuid) != nil:
            .string(text.lowercased())
        default: literal
        }
    }

    private static let ids = [
        CommonAttributes.id, Schema.group.attribute("members")?.subAttribute("value"),
        Schema.user.attribute("groups")?.subAttribute("value"),
    ]

    private static var uuid: Regex<Substring> {
        /[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}/
    }

    private static func texts(_ value: String, _ literal: String, _ comparison: Filter.Operator) -> Bool {
        let (a, b) = (Array(value.utf8), Array(literal.utf8))
        switch comparison {
        case .sw: return a.starts(with: b)
        case .ew: return a.reversed().starts(with: b.reversed())
        case .co: return a.indices.contains { a[$0...].starts(with: b) } || b.isEmpty
        case .eq: return a == b
        case .ne: return a != b
        case .gt: return b.lexicographicallyPrecedes(a)
        case .ge: return !a.lexicographicallyPrecedes(b)
        case .lt: return a.lexicographicallyPrecedes(b)
        case .le: return !b.lexicographicallyPrecedes(a)
        }
    }

    private static func order<T: Comparable>(_ a: T, _ b: T, _ comparison: Filter.Operator) -> Bool {
        switch comparison {
        case .eq: a == b
        case .ne: a != b
        case .gt: a > b
        case .ge: a >= b
        case .lt: a < b
        case .le: a <= b
        case .co, .sw, .ew: false
        }
    }

    private static func isSubstring(_ comparison: Filter.Operator) -> Bool {
        [.co, .sw, .ew].contains(comparison)
    }

    // MARK: - Fit

    private func check(_ filter: Filter, _ scope: Scope) throws(Mismatch) {
        switch filter {
        case .and(let terms), .or(let terms): for term in terms { try check(term, scope) }
        case .not(let inner): try check(inner, scope)
        case .present(let path), .comparison(let path, .eq, .null), .comparison(let path, .ne, .null):
            try requireReturned(path, scope)
        case .comparison(_, _, .null): throw Mismatch()
        case .valuePath(let path, let inner):
            try requireReturned(path, scope)
            guard case .attribute(let definition, _) = Self.meaning(path, scope), path.subAttribute == nil
            else {
                return
            }
            try check(inner, .element(definition))
        case .comparison(let path, let comparison, let literal):
            try requireReturned(path, scope)
            guard let (definition, _) = Self.compared(path, scope) else { return }
            guard Self.fits(definition, comparison, literal) else { throw Mismatch() }
        }
    }

    /// what is never returned cannot be asked for.
    private func requireReturned(_ path: AttributePath, _ scope: Scope) throws(Mismatch) {
        if case .attribute(let definition, _) = Self.meaning(path, scope), definition.returned == .never {
            throw Mismatch()
        }
    }

    private static func fits(
        _ definition: AttributeDefinition,
        _ comparison: Filter.Operator,
        _ literal: Filter.Literal
    ) -> Bool {
        switch (definition.type, meant(literal, comparison, definition)) {
        case (.string, .string), (.reference, .string): true
        case (.binary, .string): [.eq, .ne, .co, .sw, .ew].contains(comparison)
        case (.boolean, .bool): [.eq, .ne].contains(comparison)
        case (.integer, .number), (.decimal, .number): !isSubstring(comparison)
        case (.dateTime, .string(let text)): isSubstring(comparison) || Timestamp(dateTime: text) != nil
        default: false
        }
    }
}
