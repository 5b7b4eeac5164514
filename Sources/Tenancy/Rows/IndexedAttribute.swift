import JSON
import SCIM

/// An attribute, at the top of a resource, in an extension or in a complex attribute, that an index covers.
///
/// Of a multi-valued attribute, only a sub-attribute can be one; each of its values is a value of its own.
package struct IndexedAttribute: Sendable {
    package let attribute: ResolvedAttribute
    /// The attribute's path, which stands in the keys of its index.
    package let path: String

    package init(_ attribute: ResolvedAttribute) {
        self.attribute = attribute
        path = attribute.path.description
    }

    /// Every attribute of a type that is unique in a tenant (RFC 7643 §7 `uniqueness`: server or global).
    package static func unique(of type: ResourceType) -> [IndexedAttribute] {
        var found: [IndexedAttribute] = []
        let holders: [(container: String?, schema: Schema)] =
            [(nil, type.schema)] + type.extensions.map { ($0.schema.id, $0.schema) }
        for (container, schema) in holders {
            for attribute in schema.attributes {
                if attribute.uniqueness != .none && !attribute.multiValued {
                    found.append(IndexedAttribute(.init(container: container, attribute: attribute)))
                }
                for sub in attribute.subAttributes where sub.uniqueness != .none && !sub.multiValued {
                    found.append(
                        IndexedAttribute(
                            .init(container: container, attribute: attribute, subAttribute: sub)
                        )
                    )
                }
            }
        }
        return found
    }

    /// Shows the attribute's values as they are compared, each once; none if the resource has none.
    package func eachComparable(in resource: Resource, _ body: (String) -> Void) {
        var holder = resource.attributes
        if let container = attribute.container {
            guard case .object(let inner)? = holder[container] else { return }
            holder = inner
        }
        let value = holder[attribute.attribute.name]
        guard attribute.attribute.multiValued else {
            if let value, let text = comparable(inSingle: value) { body(text) }
            return
        }
        guard case .array(let elements)? = value else { return }
        var seen: Set<String> = []
        for element in elements {
            if let text = comparable(inSingle: element), seen.insert(text).inserted { body(text) }
        }
    }

    private func comparable(inSingle value: JSONValue) -> String? {
        guard let sub = attribute.subAttribute else { return comparable(value) }
        guard case .object(let object) = value else { return nil }
        return object[sub.name].flatMap { comparable($0) }
    }

    /// The form that equal values share.
    private func comparable(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text):
            attribute.definition.caseExact ? text : CasePreparation.prepare(text)
        case .number(let number):
            // 1, 1.0 and 1e0 are one number; integers beyond the exact range of a double keep their digits.
            number.int64.map(String.init) ?? Self.text(of: number)
        case .null, .bool, .array, .object: nil
        }
    }

    private static func text(of number: JSONNumber) -> String {
        let value = number.double
        return Int64(exactly: value).map(String.init) ?? (value.isFinite ? "\(value)" : number.text)
    }
}
