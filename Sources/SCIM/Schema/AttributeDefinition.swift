/// One attribute or sub-attribute as a schema describes it (RFC 7643 §2.2, §7).
///
/// A reference type, because definitions are passed along on every request and never change.
package final class AttributeDefinition: Sendable, Equatable {
    /// Attribute data types (RFC 7643 §2.3).
    package enum DataType: String, Sendable, CaseIterable {
        case string, boolean, decimal, integer, dateTime, binary, reference, complex
    }
    package enum Mutability: String, Sendable, CaseIterable { case readOnly, readWrite, immutable, writeOnly }
    package enum Returned: String, Sendable, CaseIterable { case always, never, `default`, request }
    package enum Uniqueness: String, Sendable, CaseIterable { case none, server, global }

    package let name: String
    package let type: DataType
    package let multiValued: Bool
    package let description: String
    package let required: Bool
    package let caseExact: Bool
    package let mutability: Mutability
    package let returned: Returned
    package let uniqueness: Uniqueness
    package let canonicalValues: [String]
    package let referenceTypes: [String]
    package let subAttributes: [AttributeDefinition]
    /// Whether a sub-attribute is immutable.
    let hasImmutableSubAttributes: Bool
    /// The sub-attributes that ``Resource/validated(_:type:)`` looks at.
    let checkedSubAttributes: [AttributeDefinition]

    package init(
        _ name: String,
        _ type: DataType = .string,
        multiValued: Bool = false,
        description: String,
        required: Bool = false,
        caseExact: Bool = false,
        mutability: Mutability = .readWrite,
        returned: Returned = .default,
        uniqueness: Uniqueness = .none,
        canonicalValues: [String] = [],
        referenceTypes: [String] = [],
        subAttributes: [AttributeDefinition] = []
    ) {
        self.name = name
        self.type = type
        self.multiValued = multiValued
        self.description = description
        self.required = required
        self.caseExact = caseExact
        self.mutability = mutability
        self.returned = returned
        self.uniqueness = uniqueness
        self.canonicalValues = canonicalValues
        self.referenceTypes = referenceTypes
        self.subAttributes = subAttributes
        hasImmutableSubAttributes = subAttributes.contains { $0.mutability == .immutable }
        checkedSubAttributes = subAttributes.filter { $0.mustBeKept || $0.uniqueness != .none }
    }

    /// Whether a resource must hold a value: not of what only the server sets, and not of what is not kept.
    var mustBeKept: Bool { required && mutability != .readOnly && mutability != .writeOnly }

    /// Whether it has to have a value, or one of its sub-attributes has to.
    var isDecisive: Bool { mustBeKept || checkedSubAttributes.contains(where: \.mustBeKept) }

    /// Whether a value, or that there is none, can make a resource invalid although it is of the attribute's type.
    var isChecked: Bool { mustBeKept || uniqueness != .none || multiValued || !checkedSubAttributes.isEmpty }

    package static func == (left: AttributeDefinition, right: AttributeDefinition) -> Bool {
        left === right
            || left.name == right.name && left.type == right.type && left.multiValued == right.multiValued
                && left.description == right.description && left.required == right.required
                && left.caseExact == right.caseExact && left.mutability == right.mutability
                && left.returned == right.returned && left.uniqueness == right.uniqueness
                && left.canonicalValues == right.canonicalValues
                && left.referenceTypes == right.referenceTypes
                && left.subAttributes == right.subAttributes
    }

    /// The sub-attribute of this name, in any case (RFC 7643 §2.1).
    package func subAttribute(_ name: String) -> AttributeDefinition? {
        subAttributes.first { $0.name.equalsIgnoringASCIICase(name) }
    }
}

extension AttributeDefinition {
    /// The definition of one element of the attribute.
    var single: AttributeDefinition { multiValued ? with(multiValued: false) : self }
    /// The definition of a list of what the attribute holds.
    var list: AttributeDefinition { multiValued ? self : with(multiValued: true) }

    /// The definition with other characteristics; nil leaves one as it is.
    func with(
        multiValued: Bool? = nil,
        required: Bool? = nil,
        mutability: Mutability? = nil,
        subAttributes: [AttributeDefinition]? = nil
    ) -> AttributeDefinition {
        AttributeDefinition(
            name,
            type,
            multiValued: multiValued ?? self.multiValued,
            description: description,
            required: required ?? self.required,
            caseExact: caseExact,
            mutability: mutability ?? self.mutability,
            returned: returned,
            uniqueness: uniqueness,
            canonicalValues: canonicalValues,
            referenceTypes: referenceTypes,
            subAttributes: subAttributes ?? self.subAttributes
        )
    }
}

extension String {
    /// Compares as attribute names, operators and URNs are compared: ASCII letters in any case, other bytes exactly.
    package func equalsIgnoringASCIICase(_ other: String) -> Bool {
        // The lengths differ nearly always, which spares looking at the text.
        utf8.count == other.utf8.count && Self.equalsIgnoringASCIICase(utf8.span, other.utf8.span)
    }

    /// The same of bytes.
    static func equalsIgnoringASCIICase(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices {
            let (a, b) = (left[index], right[index])
            guard a == b || (a | 0x20 == b | 0x20 && a.isASCIILetter) else { return false }
        }
        return true
    }
}
