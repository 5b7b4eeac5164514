import JSON

/// A resource type as its document describes it (RFC 7643 §6): schemas are named, not yet looked up.
package struct ResourceTypeDocument: Sendable, Equatable {
    package struct Extension: Sendable, Equatable {
        package let schema: String
        package let required: Bool

        package init(schema: String, required: Bool) {
            self.schema = schema
            self.required = required
        }
    }

    package let name: String
    /// The endpoint relative to the base URL, `/Printers`.
    package let endpoint: String
    package let description: String
    package let schema: String
    package var extensions: [Extension]

    package init(
        name: String,
        endpoint: String,
        description: String,
        schema: String,
        extensions: [Extension]
    ) {
        self.name = name
        self.endpoint = endpoint
        self.description = description
        self.schema = schema
        self.extensions = extensions
    }

    /// Adds an extension, or says anew whether it is required.
    package mutating func extend(with urn: String, required: Bool) {
        let part = Extension(schema: urn, required: required)
        if let index = extensions.firstIndex(where: { $0.schema.equalsIgnoringASCIICase(urn) }) {
            extensions[index] = part
        } else {
            extensions.append(part)
        }
    }

    /// Reads a document, strictly: unknown members are refused.
    package init(_ document: JSONObject) throws(SchemaFault) {
        let reader = try DocumentReader(
            document,
            of: ResourceType.schema,
            members: ["id", "name", "description", "endpoint", "schema", "schemaExtensions"]
        )
        guard let name = try reader.text("name", bytesMax: SchemaLimits.nameBytesMax) else {
            throw SchemaFault("name", "is required")
        }
        guard SchemaDecoder.isName(name), !name.utf8.contains(UInt8(ascii: "$")) else {
            throw SchemaFault("name", "must be a letter, then letters, digits, hyphens or underscores")
        }
        do throws(SchemaFault) {
            guard try reader.text("id", bytesMax: SchemaLimits.nameBytesMax) ?? name == name else {
                throw SchemaFault("id", "must be the name, or be left out")
            }
            self.init(
                name: name,
                endpoint: try Self.endpoint(reader),
                description: try reader.description(),
                schema: try Self.urn(reader),
                extensions: try Self.extensions(reader)
            )
        } catch { throw error.inside(name) }
    }

    /// `/Printers`: one segment that needs no escaping.
    private static func endpoint(_ reader: DocumentReader) throws(SchemaFault) -> String {
        guard let endpoint = try reader.text("endpoint", bytesMax: SchemaLimits.nameBytesMax + 1) else {
            throw SchemaFault("endpoint", "is required")
        }
        guard endpoint.hasPrefix("/"), SchemaDecoder.isName(String(endpoint.dropFirst())),
            !endpoint.utf8.contains(UInt8(ascii: "$"))
        else {
            throw SchemaFault(
                "endpoint",
                "must be a slash and a letter, then letters, digits, hyphens or underscores"
            )
        }
        return endpoint
    }

    private static func urn(_ reader: DocumentReader) throws(SchemaFault) -> String {
        guard let urn = try reader.text("schema", bytesMax: SchemaLimits.urnBytesMax) else {
            throw SchemaFault("schema", "is required: the URN of a schema")
        }
        return urn
    }

    private static func extensions(_ reader: DocumentReader) throws(SchemaFault) -> [Extension] {
        var extensions: [Extension] = []
        let objects = try reader.objects("schemaExtensions", max: SchemaLimits.extensionsMax)
        for (index, object) in objects.enumerated() {
            do throws(SchemaFault) {
                let part = try DocumentReader(object, members: ["schema", "required"])
                let urn = try urn(part)
                guard !extensions.contains(where: { $0.schema.equalsIgnoringASCIICase(urn) }) else {
                    throw SchemaFault("schema", "\(urn) is named twice")
                }
                extensions.append(Extension(schema: urn, required: try part.flag("required") ?? false))
            } catch { throw error.inside("schemaExtensions[\(index)]") }
        }
        return extensions
    }

    /// The document again.
    package var json: JSONObject {
        var document = JSONObject()
        document["schemas"] = .array([.string(ResourceType.schema)])
        document["id"] = .string(name)
        document["name"] = .string(name)
        document["endpoint"] = .string(endpoint)
        if !description.isEmpty { document["description"] = .string(description) }
        document["schema"] = .string(schema)
        if !extensions.isEmpty {
            document["schemaExtensions"] = .array(
                extensions.map { part in
                    var member = JSONObject()
                    member["schema"] = .string(part.schema)
                    member["required"] = .bool(part.required)
                    return .object(member)
                }
            )
        }
        return document
    }
}
