import Audit
import JSON
import SCIM

/// A resource type as the store knows it: a code in every key, and what is indexed or kept as edges.
///
/// A reference type, because every request passes one along.
package final class ResourceKind: Sendable {
    /// The type's code in keys and edges; never reused for another type.
    package let code: UInt8
    package let type: ResourceType
    /// The type's name, as the audit trail has it.
    package let typeSlug: AuditSlug?
    /// The endpoint as a path segment, `Users`.
    let endpointSegment: String
    /// Attributes that are looked up, those that are unique first.
    package let indexes: [IndexedAttribute]
    /// The index of the time of change; nil for a kind that has none.
    package let timeOfChange: IndexedAttribute?
    /// The members of a resource from which rows of its own follow, apart from that of the time of change: attributes, and extensions
    /// by their URNs.
    package let namesWithRows: NameSet
    /// The attribute whose values are edges to members, and never part of the record.
    package let membersAttribute: AttributeDefinition?
    /// The readOnly attribute that is answered from the edges that reach the resource.
    package let groupsAttribute: AttributeDefinition?
    /// The attributes that are not in a record; the times of one are, unless they change without it.
    package let derivedAttributes: [String]
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
        countedExtensions: [String] = [],
        marked: [MarkedIndex] = []
    ) {
        self.code = code
        self.type = type
        typeSlug = AuditSlug(type.name)
        endpointSegment = String(type.endpoint.dropFirst())
        let indexes = IndexedAttribute.all(of: type)
        self.indexes =
            indexes
            + marked.filter { $0.kind == code }.compactMap { $0.attribute(of: type, beside: indexes) }
        timeOfChange = indexes.first(where: \.isTimeOfChange)
        namesWithRows = NameSet(countedExtensions + self.indexes.compactMap(\.memberName))
        membersAttribute = type.membersAttribute
        self.groupsAttribute = groupsAttribute.flatMap(type.schema.attribute)
        self.countedExtensions = countedExtensions
        derivedAttributes =
            [groupsAttribute, membersAttribute?.name].compactMap(\.self)
            + (membersAttribute == nil ? [] : [CommonAttributes.meta.name])
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

    /// The kind with extensions that a tenant has added to it, and attributes that it has marked.
    func adding(_ extensions: [ResourceType.Extension], marked: [MarkedIndex]) -> ResourceKind {
        ResourceKind(
            code: code,
            type: type.adding(extensions),
            groupsAttribute: groupsAttribute?.name,
            countedExtensions: extensions.map(\.schema.id),
            marked: marked
        )
    }

    /// An index that a query may use; nil if the attribute at the names has none.
    package func index(of names: [String]) -> IndexedAttribute? {
        indexes.first { $0.isComplete && $0.names == names }
    }

    /// Whether an attribute is stored but not answered by default.
    private static func isHeldBack(_ attribute: AttributeDefinition) -> Bool {
        attribute.mutability != .writeOnly && (attribute.returned == .request || attribute.returned == .never)
    }
}
