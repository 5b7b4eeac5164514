import JSON

/// Turns a value path's filter into the element it describes.
enum ElementTemplate {
    /// The element for which every `eq` term of the filter holds; nil if the filter describes none in full.
    ///
    /// `type eq "work"` gives `{"type": "work"}`; a filter with `or`, `not` or another operator gives nil.
    static func object(
        describedBy filter: Filter,
        _ attribute: AttributeDefinition,
        _ profile: Profile
    ) throws(SCIMError) -> JSONObject? {
        var object = JSONObject()
        for term in conjuncts(of: filter) {
            guard case .comparison(let path, .eq, let literal) = term, path.schema == nil,
                path.subAttribute == nil,
                let sub = attribute.subAttribute(path.attribute), sub.mutability != .readOnly,
                sub.mutability != .writeOnly,
                let value = try AttributeValueDecoder.decode(json(literal), as: sub, profile),
                object[sub.name] == nil || object[sub.name] == value
            else { return nil }
            object[sub.name] = value
        }
        return object
    }

    private static func conjuncts(of filter: Filter) -> [Filter] {
        if case .and(let terms) = filter { terms } else { [filter] }
    }

    private static func json(_ literal: Filter.Literal) -> JSONValue {
        switch literal {
        case .string(let text): .string(text)
        case .number(let number): .number(number)
        case .bool(let flag): .bool(flag)
        case .null: .null
        }
    }
}
