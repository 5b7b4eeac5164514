import JSON
import SCIM
import Storage
import Tenancy

/// The rows that follow from a record: unique keys, index rows, and what is counted.
///
/// Writing, checking and rebuilding share this derivation.
package struct RecordRows {
    /// A value of an attribute that an index covers.
    package struct Value {
        package let attribute: IndexedAttribute
        package let value: IndexedValue
    }

    /// Those of unique attributes first.
    package private(set) var values: [Value] = []
    /// The extensions whose use is counted, and of which the record has attributes.
    let extensions: [String]

    /// `difference`: leaves out the rows that another record which differs so much has too, and that of the time of change; nil for all
    /// rows.
    package init(
        _ record: ResourceRecord,
        kind: ResourceKind,
        environment: DirectoryEnvironment,
        by difference: ResourceDifference? = nil
    ) {
        let attributes = record.resource.attributes
        extensions = kind.countedExtensions.filter {
            difference?.contains($0) != false && attributes[$0] != nil
        }
        if difference == nil { values.reserveCapacity(kind.indexes.count) }
        for attribute in kind.indexes {
            if let difference, !attribute.mayChange(by: difference) { continue }
            attribute.eachValue(
                in: record.resource,
                created: record.created,
                lastModified: record.lastModified,
                sha256: environment.sha256
            ) { values.append(Value(attribute: attribute, value: $0)) }
        }
    }

    /// Whether records that differ so much may have other rows, apart from that of the time of change.
    static func mayChange(by difference: ResourceDifference, _ kind: ResourceKind) -> Bool {
        difference.hasAny(of: kind.namesWithRows)
    }

    /// The values that other rows do not have.
    func values(except others: RecordRows?) -> [Value] {
        guard let others, !others.values.isEmpty else { return values }
        let kept = Set(others.values.map(\.value))
        return values.filter { !kept.contains($0.value) }
    }
}

extension RecordRows.Value {
    /// The key of the value's row for a resource, and what the row holds.
    package func row(_ tenant: UInt32, _ kind: ResourceKind, _ id: UniqueID) -> (key: Key, row: [UInt8]) {
        attribute.isUnique
            ? (Keys.unique(tenant, kind.code, value), id.bytes)
            : (Keys.index(tenant, kind.code, value, id), [])
    }

    /// The counter of the resources that have the value; nil if they are not counted.
    package func counter(_ tenant: UInt32, _ kind: ResourceKind) -> Key? {
        attribute.isCounted ? Keys.count(tenant, kind.code, of: value) : nil
    }
}
