import JSON

/// A resource's attributes in normal form.
///
/// Names are spelled as in the schemas and known to them; values have their attribute's type; nothing is null or empty;
/// extension attributes stand under their schema's URN. What the server derives (`id`, `meta`, `groups`, `members`) and what it
/// must not keep (`password`) is not in it.
package struct Resource: Sendable, Equatable {
    package let attributes: JSONObject
    let type: ResourceType
    /// Bytes of JSON that a part of a resource lacks of the whole; 0 for a whole resource.
    let missingBytes: Int

    /// Takes attributes that are in normal form, as this program stored them; `schemas` and `id` are dropped.
    package init(stored: JSONObject, type: ResourceType) {
        self.init(stored: stored, type: type, missingBytes: 0)
    }

    fileprivate init(stored: JSONObject, type: ResourceType, missingBytes: Int) {
        self.type = type
        self.missingBytes = missingBytes
        var attributes = stored
        attributes["schemas"] = nil
        attributes["id"] = nil
        self.attributes = attributes
    }

    /// Takes a part of a resource, which is enough for a change that names nothing else.
    ///
    /// `attributes`: in normal form and in their order, with those of ``ResourceType/decisiveNames`` that there are. `others`: the
    /// bytes that all others take in the resource's JSON, each with a comma.
    package init(part attributes: consuming [JSONObject.Member], others: Int, type: ResourceType) {
        self.type = type
        attributes.append(JSONObject.Member(name: Self.others, value: .null))
        self.attributes = JSONObject(uniqueMembers: attributes)
        missingBytes = others - Self.othersText.utf8.count
    }

    /// No attribute's name: stands in a part of a resource for the attributes that are missing, so that what is set newly comes behind it.
    package static let others = ""
    private static let othersText = #","":null"#

    /// The schemas that the attributes come from: the core one, and the extensions in use (RFC 7643 §3).
    package var schemas: [String] {
        var schemas = [type.schema.id]
        for container in type.extensions where attributes[container.schema.id] != nil {
            schemas.append(container.schema.id)
        }
        return schemas
    }

    /// The URNs of the extensions that it may have.
    package var extensions: [String] { type.extensionURIs }

    /// Two resources are equal if their attributes are, whatever their order (RFC 7643 §2.3.8).
    package static func == (left: Resource, right: Resource) -> Bool {
        left.attributes.isSame(as: right.attributes)
    }
}

/// How large a resource may be.
package enum ResourceLimits {
    /// Elements of one multi-valued attribute, other than members, which are no part of the resource.
    package static let elementsMax = 1_000
    /// Bytes of a string that is an index's key: externalId, and what is unique.
    package static let indexedStringBytesMax = 1_024
    /// Bytes of any other string or binary.
    package static let stringBytesMax = 65_536
    /// Bytes of the whole resource as JSON.
    package static let resourceBytesMax = 90_000
}

extension Resource {
    /// Takes changed attributes for a resource, if they make a valid one.
    ///
    /// - Throws: `invalidValue` if a required attribute is missing, two values are primary, or a limit is passed.
    package static func validated(
        _ attributes: JSONObject,
        type: ResourceType
    ) throws(SCIMError) -> Resource {
        try validated(attributes, type: type, missingBytes: 0)
    }

    /// `missingBytes`: what a part lacks of the whole.
    static func validated(
        _ attributes: JSONObject,
        type: ResourceType,
        missingBytes: Int
    ) throws(SCIMError) -> Resource {
        try requireAttributes(of: type.schema, in: attributes)
        for part in type.extensions {
            guard case .object(let container)? = attributes[part.schema.id] else {
                if part.required {
                    throw SCIMError(.invalidValue, "The extension \(part.schema.id) is required.")
                }
                continue
            }
            try requireAttributes(of: part.schema, in: container)
        }
        if case .string(let text)? = attributes["externalId"] {
            try limit(text, CommonAttributes.externalId, ResourceLimits.indexedStringBytesMax)
        }
        guard isWithinLimit(attributes, missingBytes) else {
            throw SCIMError(
                .invalidValue,
                "The resource is larger than \(ResourceLimits.resourceBytesMax) bytes of JSON."
            )
        }
        return Resource(stored: attributes, type: type, missingBytes: missingBytes)
    }

    /// Whether the attributes' JSON text is short enough; it is written only where that is in doubt.
    private static func isWithinLimit(_ attributes: JSONObject, _ missingBytes: Int) -> Bool {
        if attributes.textBytesBound + missingBytes <= ResourceLimits.resourceBytesMax { return true }
        var bytes: [UInt8] = []
        attributes.write(to: &bytes)
        return bytes.count + missingBytes <= ResourceLimits.resourceBytesMax
    }

    private static func requireAttributes(
        of schema: Schema,
        in attributes: JSONObject
    ) throws(SCIMError) {
        let lengths = attributes.nameLengths
        for definition in schema.checkedAttributes {
            let value =
                lengths.mayContain(definition.name.utf8.count) ? attributes[definition.name] : nil
            // Members are edges: whether a group has some is no matter of its record.
            if definition.mustBeKept, !isAssigned(value) {
                throw SCIMError(.invalidValue, "The attribute \(definition.name) is required.")
            }
            if definition.uniqueness != .none, case .string(let text)? = value {
                try limit(text, definition, ResourceLimits.indexedStringBytesMax)
            }
            if definition.multiValued, case .array(let elements)? = value {
                try checkElements(elements, definition)
            } else if definition.type == .complex, case .object(let object)? = value {
                try requireSubAttributes(of: definition, in: object)
            }
        }
    }

    private static func checkElements(
        _ elements: [JSONValue],
        _ definition: AttributeDefinition
    ) throws(SCIMError) {
        guard elements.count <= ResourceLimits.elementsMax else {
            throw SCIMError(
                .invalidValue,
                "The attribute \(definition.name) has more than \(ResourceLimits.elementsMax) values."
            )
        }
        var primaries = 0
        for case .object(let element) in elements {
            if element["primary"] == .bool(true) { primaries += 1 }
            try requireSubAttributes(of: definition, in: element)
        }
        guard primaries <= 1 else {
            throw SCIMError(.invalidValue, "Only one value of \(definition.name) can be primary.")
        }
    }

    private static func requireSubAttributes(
        of definition: AttributeDefinition,
        in object: JSONObject
    ) throws(SCIMError) {
        for sub in definition.checkedSubAttributes where sub.mustBeKept && !isAssigned(object[sub.name]) {
            throw SCIMError(.invalidValue, "The attribute \(definition.name).\(sub.name) is required.")
        }
        for sub in definition.checkedSubAttributes where sub.uniqueness != .none {
            if case .string(let text)? = object[sub.name] {
                try limit(text, sub, ResourceLimits.indexedStringBytesMax)
            }
        }
    }

    /// Whether a required attribute has a value; a text of white space is none.
    private static func isAssigned(_ value: JSONValue?) -> Bool {
        guard case .string(let text)? = value else { return value != nil }
        // Most texts begin with a printable letter of ASCII, which is told without the tables of Unicode.
        if let first = text.utf8.first, (0x21...0x7E).contains(first) { return true }
        return text.contains { !$0.isWhitespace }
    }

    private static func limit(
        _ text: String,
        _ definition: AttributeDefinition,
        _ bytesMax: Int
    ) throws(SCIMError) {
        guard text.utf8.count <= bytesMax else {
            throw SCIMError(
                .invalidValue,
                "The attribute \(definition.name) is longer than \(bytesMax) bytes."
            )
        }
    }
}
