import JSON
import SCIM

/// A single-valued attribute, at the top of a resource, in an extension or in a complex attribute, that an index covers.
struct IndexedAttribute: Sendable {
    let attribute: ResolvedAttribute
    /// The attribute's path, which stands in the keys of its index.
    let path: String

    init(_ attribute: ResolvedAttribute) {
        self.attribute = attribute
        path = attribute.path.description
    }

    /// Every attribute of a type that is unique in a tenant (RFC 7643 §7 `uniqueness`: server or global).
    static func unique(of type: ResourceType) -> [IndexedAttribute] {
        var found: [IndexedAttribute] = []
        let holders: [(container: String?, schema: Schema)] =
            [(nil, type.schema)] + type.extensions.map { ($0.schema.id, $0.schema) }
        for (container, schema) in holders {
            for attribute in schema.attributes where !attribute.multiValued {
                if attribute.uniqueness != .none {
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

    /// The attribute's value as it is compared; nil if the resource has none.
    func comparable(in resource: Resource) -> String? {
        var holder = resource.attributes
        if let container = attribute.container {
            guard case .object(let inner)? = holder[container] else { return nil }
            holder = inner
        }
        let value = holder[attribute.attribute.name]
        guard let sub = attribute.subAttribute else { return value.flatMap(comparable) }
        guard case .object(let object)? = value else { return nil }
        return object[sub.name].flatMap(comparable)
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
