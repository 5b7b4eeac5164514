import JSON
import SCIM
import Storage

/// An attribute, at the top of a resource, in an extension or in a complex attribute, that an index covers.
///
/// Of a multi-valued attribute, only a sub-attribute can be one; each of its values is a value of its own. A reference type, because plans,
/// ranges and values pass it along.
package final class IndexedAttribute: Sendable {
    /// What a value looks like in the keys of the index.
    enum Form: Sendable {
        case text, boolean, time
        /// A text that tells only whether two values are equal: that of a number, or of a time that a client chose.
        case digits
    }

    /// Where the value comes from.
    private enum Source { case resource, created, lastModified }

    package let attribute: ResolvedAttribute
    /// The attribute's path.
    package let path: String
    /// The names to follow from the top of a resource.
    package let names: [String]
    /// Whether one resource of a tenant may have a value (RFC 7643 §7 `uniqueness`).
    package let isUnique: Bool
    /// Whether a counter tells how many resources have a value.
    package let isCounted: Bool
    /// Whether every resource with a value has a row, so that queries may use the index.
    package let isComplete: Bool
    /// The number of an attribute that an operator has marked; nil for any other.
    package let marked: UInt16?
    /// What a resource without a value counts as having, if it does.
    package let absent: Bool?
    let form: Form
    /// What stands for the attribute in the keys of its index: a byte, or 0xFE and a number, or 0xFF, the path and a zero.
    let code: [UInt8]
    private let source: Source

    /// `marked`: the number of an attribute that an operator has marked.
    init(
        _ attribute: ResolvedAttribute,
        isUnique: Bool = false,
        marked: UInt16? = nil,
        isComplete: Bool = true
    ) {
        self.marked = marked
        self.isComplete = isComplete
        self.attribute = attribute
        self.isUnique = isUnique
        path = attribute.path.description
        names = attribute.names
        let number = Self.numbers[path]
        code =
            marked.map(Self.code(ofMarked:)) ?? number.map { [$0] } ?? [0xFF] + Array(path.utf8) + [0]
        let isMeta = attribute.attribute === CommonAttributes.meta
        source = !isMeta ? .resource : attribute.subAttribute?.name == "created" ? .created : .lastModified
        absent = attribute.absentValue
        switch attribute.definition.type {
        case .string, .reference, .binary: form = .text
        case .boolean: form = .boolean
        case .dateTime where isMeta: form = .time
        case .dateTime, .integer, .decimal, .complex: form = .digits
        }
        isCounted = !isUnique && Self.counted.contains(path)
    }

    static let markedCode: UInt8 = 0xFE

    /// What stands for a marked attribute in keys.
    static func code(ofMarked number: UInt16) -> [UInt8] {
        [markedCode, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }

    // MARK: Which there are

    private static let enterprise = Schema.enterpriseUser.id + ":"

    /// Numbers that stand for paths in keys, which nothing else ever gets.
    private static let numbers: [String: UInt8] = [
        "userName": 1, "externalId": 2, "displayName": 3, "emails.value": 4, "name.familyName": 5,
        "name.givenName": 6, "active": 7, "userType": 8, "meta.created": 9, "meta.lastModified": 10,
        enterprise + "employeeNumber": 11, enterprise + "department": 12, enterprise + "manager.value": 13,
    ]

    /// Attributes of which many resources share a value, so that counting them would take long.
    ///
    /// Of others a value has few resources, and a counter for each would be one more row for nearly every row of the index.
    private static let counted: Set<String> = ["active", "userType", enterprise + "department"]

    /// What is looked up of users beside what every type has.
    private static let ofUsers = [
        "displayName", "emails.value", "name.familyName", "name.givenName", "active", "userType",
        enterprise + "employeeNumber", enterprise + "department", enterprise + "manager.value",
    ]

    /// Every attribute of a type that an index covers, those that are unique first.
    ///
    /// A kind whose resources have members changes without its record, so that no index could tell when.
    static func all(of type: ResourceType) -> [IndexedAttribute] {
        let unique = unique(of: type)
        var paths = ["externalId", "meta.created"]
        if type.membersAttribute == nil { paths.append("meta.lastModified") }
        if type.schema.id == Schema.user.id { paths += ofUsers }
        return unique
            + paths.compactMap { path -> IndexedAttribute? in
                guard let path = try? AttributePath(parsing: path, schemas: type.schemaURIs),
                    let attribute = type.resolve(path)
                else { return nil }
                return unique.contains { $0.attribute == attribute } ? nil : IndexedAttribute(attribute)
            }
    }

    /// Every attribute of a type that is unique in a tenant (RFC 7643 §7 `uniqueness`: server or global).
    private static func unique(of type: ResourceType) -> [IndexedAttribute] {
        var found: [IndexedAttribute] = []
        let holders: [(container: String?, schema: Schema)] =
            [(nil, type.schema)] + type.extensions.map { ($0.schema.id, $0.schema) }
        func add(_ attribute: ResolvedAttribute) {
            found.append(IndexedAttribute(attribute, isUnique: true))
        }
        for (container, schema) in holders {
            for attribute in schema.attributes {
                if attribute.uniqueness != .none && !attribute.multiValued {
                    add(ResolvedAttribute(container: container, attribute: attribute))
                }
                for sub in attribute.subAttributes where sub.uniqueness != .none && !sub.multiValued {
                    add(ResolvedAttribute(container: container, attribute: attribute, subAttribute: sub))
                }
            }
        }
        return found
    }

    // MARK: Values

    /// Whether two resources may have other values that differ in so much; for the time of change see ``isTimeOfChange``.
    package func mayChange(by difference: ResourceDifference) -> Bool {
        memberName.map(difference.contains) ?? false
    }

    /// The member of a resource that has the value; nil if a time of the resource is the value.
    var memberName: String? { source == .resource ? attribute.topLevelName : nil }

    /// Whether the value is the time of the last change.
    package var isTimeOfChange: Bool { source == .lastModified }

    /// Shows the attribute's values as they stand in keys, each once; none if the resource has none.
    package func eachValue(
        in resource: Resource,
        created: Timestamp,
        lastModified: Timestamp,
        sha256: (Span<UInt8>) -> [UInt8],
        _ body: (IndexedValue) -> Void
    ) {
        switch source {
        case .created: return body(IndexedValue(self, created.shown))
        case .lastModified: return body(IndexedValue(self, lastModified.shown))
        case .resource: break
        }
        guard attribute.attribute.multiValued else {
            if let value = single(in: resource).flatMap({ indexed($0, sha256) }) {
                body(value)
            } else if let absent {
                body(IndexedValue(self, absent))
            }
            return
        }
        guard case .array(let elements)? = holder(in: resource)?[attribute.attribute.name] else { return }
        var seen: Set<IndexedValue> = []
        for element in elements {
            guard let part = part(of: element), let value = indexed(part, sha256) else { continue }
            if seen.insert(value).inserted { body(value) }
        }
    }

    private func holder(in resource: Resource) -> JSONObject? {
        guard let container = attribute.container else { return resource.attributes }
        if case .object(let inner)? = resource.attributes[container] { return inner }
        return nil
    }

    private func single(in resource: Resource) -> JSONValue? {
        holder(in: resource)?[attribute.attribute.name].flatMap(part)
    }

    private func part(of value: JSONValue) -> JSONValue? {
        guard let sub = attribute.subAttribute else { return value }
        guard case .object(let object) = value else { return nil }
        return object[sub.name]
    }

    /// The form that equal values share.
    private func indexed(_ value: JSONValue, _ sha256: (Span<UInt8>) -> [UInt8]) -> IndexedValue? {
        switch (form, value) {
        case (.text, .string(let text)), (.digits, .string(let text)):
            let compared = attribute.definition.caseExact ? text : CasePreparation.prepare(text)
            return IndexedValue(self, text: compared, sha256: sha256)
        case (.boolean, .bool(let flag)): return IndexedValue(self, flag)
        case (.digits, .number(let number)):
            // 1, 1.0 and 1e0 are one number; integers beyond the exact range of a double keep their digits.
            let text = number.int64.map(String.init) ?? Self.text(of: number)
            return IndexedValue(self, text: text, sha256: sha256)
        default: return nil
        }
    }

    private static func text(of number: JSONNumber) -> String {
        let value = number.double
        return Int64(exactly: value).map(String.init) ?? (value.isFinite ? "\(value)" : number.text)
    }
}
