import SCIM
import Storage

/// An attribute that an operator has marked, so that an index covers it for one tenant.
///
/// ```
/// marked ─► building: changes write its rows, and those of older resources follow ─► complete: queries use it
///                └──────────────────────────► removed: its rows go, and then it is forgotten ◄──┘
/// ```
package struct MarkedIndex: Sendable, Equatable {
    package enum State: UInt8, Sendable { case building, complete, removed }

    /// What stands for the attribute in keys; never used again in a tenant.
    package let number: UInt16
    /// The code of the resource type.
    package let kind: UInt8
    /// The attribute's path in its canonical spelling.
    package let path: String
    package var state: State

    private static let format: UInt8 = 1
    /// How many a tenant has at most.
    package static let countMax = 8

    init(number: UInt16, kind: UInt8, path: String, state: State = .building) {
        self.number = number
        self.kind = kind
        self.path = path
        self.state = state
    }

    /// Nil if the row is damaged.
    init?(row: Span<UInt8>) {
        var reader = RowReader()
        guard reader.integer(UInt8.self, in: row) == Self.format,
            let number = reader.integer(UInt16.self, in: row), let kind = reader.integer(UInt8.self, in: row),
            let state = reader.integer(UInt8.self, in: row).flatMap(State.init),
            let path = reader.text(in: row)
        else { return nil }
        self.init(number: number, kind: kind, path: path, state: state)
    }

    var encoded: [UInt8] {
        var row = [Self.format]
        row.appendBigEndian(number)
        row += [kind, state.rawValue]
        row.appendText(path)
        return row
    }

    /// The attribute in a resource type; nil if the type has it no more, or has an index of it by itself.
    func attribute(of type: ResourceType, beside indexes: [IndexedAttribute]) -> IndexedAttribute? {
        guard state != .removed, let found = try? Self.resolve(path, in: type),
            !indexes.contains(where: { $0.attribute == found })
        else { return nil }
        return IndexedAttribute(found, marked: number, isComplete: state == .complete)
    }

    /// The attribute that a path names, by its canonical one.
    ///
    /// - Throws: why no index can cover it.
    static func resolve(_ path: String, in type: ResourceType) throws(SchemaFault) -> ResolvedAttribute {
        guard let parsed = try? AttributePath(parsing: path, schemas: type.schemaURIs),
            let named = type.resolve(parsed)
        else { throw SchemaFault(path, "names no attribute of \(type.name)") }
        var found = named
        if named.definition.type == .complex {
            guard let value = named.attribute.subAttribute("value") else {
                throw SchemaFault(path, "is complex: name one of its sub-attributes")
            }
            found = ResolvedAttribute(
                container: named.container,
                attribute: named.attribute,
                subAttribute: value
            )
        }
        let derived = ["groups", "members", CommonAttributes.meta.name, CommonAttributes.schemas.name]
        guard found.container != nil || !derived.contains(found.attribute.name) else {
            throw SchemaFault(path, "is no stored attribute")
        }
        for part in [found.attribute, found.definition]
        where part.returned == .never || part.mutability == .writeOnly {
            throw SchemaFault(path, "is kept from clients")
        }
        switch found.definition.type {
        case .string, .reference: break
        case .boolean where found.absentValue == nil: break
        default: throw SchemaFault(path, "has an index only if it is a text or a boolean")
        }
        return found
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// The mark of a number; nil if there is none.
    package func markedIndex(
        _ number: UInt16,
        ofTenant tenant: UInt32
    ) throws(DirectoryError) -> MarkedIndex? {
        try row(Keys.markedIndex(number, ofTenant: tenant)) { row, _ in MarkedIndex(row: row) } ?? nil
    }
}
