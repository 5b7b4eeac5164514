import JSON
import SCIM

/// A resource type as the store knows it: a code in every key, and what is indexed or kept as edges.
///
/// A reference type, because every request passes one along.
package final class ResourceKind: Sendable {
    /// The type's code in keys and edges; never reused for another type.
    package let code: UInt8
    package let type: ResourceType
    /// The endpoint as a path segment, `Users`.
    let endpointSegment: String
    /// Attributes whose value one resource of a tenant may have (RFC 7643 §7 `uniqueness`).
    package let uniqueAttributes: [IndexedAttribute]
    /// Attributes that are looked up by equality although several resources may share a value.
    package let indexedAttributes: [IndexedAttribute]
    /// The attribute whose values are edges to members, and never part of the record.
    package let membersAttribute: AttributeDefinition?
    /// The readOnly attribute that is answered from the edges that reach the resource.
    package let groupsAttribute: AttributeDefinition?
    /// The URNs of the extensions that can be taken from the type again, once no resource has attributes of them.
    package let countedExtensions: [String]
    /// Whether a record can be answered by copying its bytes: all that is stored is returned by default.
    package let answersAsStored: Bool
    /// The beginning of `meta` in an answer, up to the time of creation, with the comma in front of it.
    package let metaBeginning: [UInt8]
    /// What an answer shows of a resource if the client names no attributes.
    package let defaultProjection: AttributeProjection

    package init(
        code: UInt8,
        type: ResourceType,
        groupsAttribute: String? = nil,
        countedExtensions: [String] = []
    ) {
        self.code = code
        self.type = type
        endpointSegment = String(type.endpoint.dropFirst())
        uniqueAttributes = IndexedAttribute.unique(of: type)
        indexedAttributes = [IndexedAttribute(ResolvedAttribute(attribute: CommonAttributes.externalId))]
        membersAttribute = type.membersAttribute
        self.groupsAttribute = groupsAttribute.flatMap(type.schema.attribute)
        self.countedExtensions = countedExtensions
        var beginning = Array(#","meta":{"resourceType":"#.utf8)
        JSONWriter.appendString(type.name, to: &beginning)
        metaBeginning = beginning + #","created":""#.utf8
        defaultProjection =
            (try? AttributeProjection(attributes: nil, excluded: nil, type: type)) ?? .identity
        answersAsStored =
            !(type.schema.attributes + type.extensions.flatMap(\.schema.attributes)).contains {
                $0 !== type.membersAttribute
                    && (Self.isHeldBack($0) || $0.subAttributes.contains(where: Self.isHeldBack))
            }
    }

    /// The kind with extensions that a tenant has added to it.
    func adding(_ extensions: [ResourceType.Extension]) -> ResourceKind {
        ResourceKind(
            code: code,
            type: type.adding(extensions),
            groupsAttribute: groupsAttribute?.name,
            countedExtensions: extensions.map(\.schema.id)
        )
    }

    /// Whether an attribute is stored but not answered by default.
    private static func isHeldBack(_ attribute: AttributeDefinition) -> Bool {
        attribute.mutability != .writeOnly && (attribute.returned == .request || attribute.returned == .never)
    }
}
