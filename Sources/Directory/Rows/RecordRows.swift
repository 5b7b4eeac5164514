import JSON
import SCIM
import Storage
import Tenancy

/// The rows that follow from a record: unique keys and index rows.
///
/// Writing and checking share this derivation.
package struct RecordRows {
    package let unique: [(attribute: IndexedAttribute, value: Keys.IndexedValue)]
    package let indexed: [Keys.IndexedValue]
    /// The extensions whose use is counted, and of which the record has attributes.
    let extensions: [String]

    package init(_ resource: Resource, kind: ResourceKind, environment: DirectoryEnvironment) {
        var unique: [(attribute: IndexedAttribute, value: Keys.IndexedValue)] = []
        for attribute in kind.uniqueAttributes {
            Self.eachValue(of: attribute, in: resource, environment) { unique.append((attribute, $0)) }
        }
        self.unique = unique
        var indexed: [Keys.IndexedValue] = []
        for attribute in kind.indexedAttributes {
            Self.eachValue(of: attribute, in: resource, environment) { indexed.append($0) }
        }
        self.indexed = indexed
        extensions = kind.countedExtensions.filter { resource.attributes[$0] != nil }
    }

    /// Whether the rows of two resources that differ so may differ too.
    static func mayChange(by difference: ResourceDifference, _ kind: ResourceKind) -> Bool {
        func contains(_ attribute: IndexedAttribute) -> Bool {
            difference.contains(attribute.attribute.container ?? attribute.attribute.attribute.name)
        }
        return kind.uniqueAttributes.contains(where: contains)
            || kind.indexedAttributes.contains(where: contains)
            || kind.countedExtensions.contains(where: difference.contains)
    }

    private static func eachValue(
        of attribute: IndexedAttribute,
        in resource: Resource,
        _ environment: DirectoryEnvironment,
        _ body: (Keys.IndexedValue) -> Void
    ) {
        attribute.eachComparable(in: resource) { comparable in
            body(
                Keys.IndexedValue(
                    attribute: attribute.path,
                    comparable: comparable,
                    sha256: environment.sha256
                )
            )
        }
    }
}
