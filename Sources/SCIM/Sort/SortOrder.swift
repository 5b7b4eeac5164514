import JSON

/// What a list is sorted by, and how (RFC 7644 §3.4.2.3).
package struct SortOrder: Sendable, Equatable {
    package enum Direction: String, Sendable { case ascending, descending }

    /// An attribute path as the client wrote it.
    package let attribute: String
    package let direction: Direction

    package init(attribute: String, direction: Direction = .ascending) {
        self.attribute = attribute
        self.direction = direction
    }
}

/// A sort order whose attribute has been looked up in a resource type, ready to make keys.
///
/// A multi-valued attribute counts by its primary value, else by its first one. An attribute that the type does not
/// define has no value in any of its resources, so that they stand in the order of their ids.
package struct BoundSortOrder: Sendable {
    /// Nil if the type does not define the attribute.
    private let target: ResolvedAttribute?

    /// - Throws: `invalidValue` if the text is no attribute path, if it names a complex attribute without a `value`,
    ///   or one that is never returned, whose values an order would tell of.
    package init(_ order: SortOrder, type: ResourceType) throws(SCIMError) {
        let path: AttributePath
        do throws(SCIMError) {
            path = try AttributePath(parsing: order.attribute, schemas: type.schemaURIs)
        } catch {
            throw SCIMError(.invalidValue, "The parameter sortBy is no attribute path.")
        }
        guard let meaning = type.meaning(of: path) else {
            target = nil
            return
        }
        guard case .attribute(let named) = meaning, let sortable = named.valueIfComplex else {
            throw SCIMError(
                .invalidValue,
                "The parameter sortBy names a complex attribute: it must name one of its sub-attributes."
            )
        }
        guard !sortable.isSecret else {
            throw SCIMError(
                .invalidValue,
                "The parameter sortBy names an attribute that is never returned, which gives no order."
            )
        }
        target = sortable
    }

    /// The member at the top of a resource that ``key(of:)`` looks at; nil if at none.
    package var neededAttribute: String? { target?.topLevelName }

    /// The names of the attribute from the top of a resource; nil if the type does not define it.
    package var names: [String]? { target?.names }

    /// The key of a resource in the form clients see; names must be spelled as in the schemas.
    package func key(of resource: JSONObject) -> SortKey {
        guard let target else { return .missing }
        var value: JSONValue? = .object(resource)
        for name in target.names {
            guard case .object(let object)? = value else { return .missing }
            value = Self.representative(of: object[name])
        }
        return SortKey(value, of: target.definition)
    }

    /// The value that stands for all: the primary one, else the first (RFC 7643 §2.4).
    private static func representative(of value: JSONValue?) -> JSONValue? {
        guard case .array(let elements)? = value else { return value }
        let primary = elements.first {
            if case .object(let object) = $0 { object["primary"] == .bool(true) } else { false }
        }
        return primary ?? elements.first
    }
}

extension ResolvedAttribute {
    /// The attribute itself, or the `value` of a complex one; nil if that has none (RFC 7644 §3.4.2.2).
    var valueIfComplex: ResolvedAttribute? {
        guard definition.type == .complex else { return self }
        return attribute.subAttribute("value").map {
            ResolvedAttribute(container: container, attribute: attribute, subAttribute: $0)
        }
    }

    /// Whether its values are kept from clients.
    fileprivate var isSecret: Bool {
        [attribute, definition].contains { $0.returned == .never || $0.mutability == .writeOnly }
    }
}
