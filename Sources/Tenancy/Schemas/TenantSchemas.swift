import JSON
import SCIM

/// What an operator has registered for one tenant: schemas, resource types, and extensions of built-in types.
package struct TenantSchemas: Sendable, Equatable {
    /// A resource type with the code that its resources have in keys.
    package struct RegisteredType: Sendable, Equatable {
        package let code: UInt8
        /// Of a built-in type only name and own extensions count.
        package var document: ResourceTypeDocument
    }

    /// Grows with each change; 0 as long as nothing has ever been registered.
    var version: UInt32 = 0
    /// The highest code given out so far: a code is never used again in a tenant.
    var lastCode = Self.firstCode - 1
    package internal(set) var schemas: [Schema] = []
    package internal(set) var types: [RegisteredType] = []
    /// Attributes that are marked for an index, those among them whose rows are still to go.
    package internal(set) var indexes: [MarkedIndex] = []
    /// The highest number of one of them so far.
    var lastIndex: UInt16 = 0

    /// Built-in types have smaller codes.
    static let firstCode: UInt8 = 16
    /// Schemas of one tenant.
    package static let schemasMax = 64
    /// Bytes of all schemas of one tenant as JSON; what can be registered so far fits into one commit.
    package static let schemaBytesMax = 500_000
    /// Resource types of one tenant.
    package static let typesMax = 32

    init() {}

    /// The registered schema of a URN, in any case.
    package func schema(_ urn: String) -> Schema? { schemas.first { $0.id.equalsIgnoringASCIICase(urn) } }

    /// The registered resource type, or the extended built-in one, of a name in any case.
    package func type(_ name: String) -> RegisteredType? {
        types.first { $0.document.name.equalsIgnoringASCIICase(name) }
    }

    /// The names of the resource types that a schema is part of.
    package func names(using schema: Schema) -> [String] {
        types.map(\.document).filter { document in
            ([document.schema] + document.extensions.map(\.schema)).contains {
                $0.equalsIgnoringASCIICase(schema.id)
            }
        }.map(\.name)
    }

    /// Whether a URN is that of a schema which this program brings along or which describes its documents.
    static func isBuiltIn(_ urn: String) -> Bool {
        let described = [Schema.schema, ResourceType.schema, ServiceProviderConfig.schema]
        return SchemaCatalog.core.schema(urn: urn) != nil
            || described.contains { $0.equalsIgnoringASCIICase(urn) }
            || urn.lowercased().hasPrefix("urn:ietf:params:scim:api:")
    }

    /// The kind of a name among those that this program brings along, in any case.
    static func builtInKind(_ name: String) -> ResourceKind? {
        ResourceKinds.core.all.first { $0.type.name.equalsIgnoringASCIICase(name) }
    }
}

// MARK: - Putting together

extension TenantSchemas {
    /// Endpoints of the protocol (RFC 7644 §3.2).
    private static let protocolEndpoints = [
        "/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Me", "/Bulk",
    ]

    /// The tenant's resource types, with every schema looked up.
    ///
    /// An extension may name its attributes as the core schema or another extension does: its URN tells them apart (RFC 7643
    /// §3.3). What a name alone means, ``ResourceType/meaning(of:_:)`` decides.
    /// - Throws: what does not fit together: a schema that is not there, one whose URN reads like an attribute of another,
    ///   two types at one endpoint.
    func resourceKinds() throws(SchemaFault) -> [ResourceKind] {
        var kinds: [ResourceKind] = []
        for kind in ResourceKinds.core.all {
            // What a later version of this program brings along itself is not added twice.
            let own = (type(kind.type.name)?.document.extensions ?? []).filter { part in
                !kind.type.extensions.contains { $0.schema.id.equalsIgnoringASCIICase(part.schema) }
            }
            guard !own.isEmpty || indexes.contains(where: { $0.kind == kind.code }) else {
                kinds.append(kind)
                continue
            }
            let parts = try extensions(own, of: kind.type.schema, in: kind.type.name)
            kinds.append(kind.adding(parts, marked: indexes))
        }
        for registered in types where registered.code >= Self.firstCode {
            let type = try resourceType(registered.document)
            for other in kinds {
                guard !other.type.name.equalsIgnoringASCIICase(type.name) else {
                    throw SchemaFault("\(type.name).name", "is the name of another resource type")
                }
                guard !other.type.endpoint.equalsIgnoringASCIICase(type.endpoint) else {
                    throw SchemaFault("\(type.name).endpoint", "is that of the type \(other.type.name)")
                }
            }
            kinds.append(
                ResourceKind(
                    code: registered.code,
                    type: type,
                    countedExtensions: type.extensions.map(\.schema.id),
                    marked: indexes
                )
            )
        }
        return kinds
    }

    private func resourceType(_ document: ResourceTypeDocument) throws(SchemaFault) -> ResourceType {
        let name = document.name
        guard !Self.protocolEndpoints.contains(where: { $0.equalsIgnoringASCIICase(document.endpoint) }),
            !Self.isVersion(document.endpoint)
        else { throw SchemaFault("\(name).endpoint", "\(document.endpoint) has a meaning in the protocol") }
        guard let schema = lookUp(document.schema) else {
            throw SchemaFault("\(name).schema", "\(document.schema) is no schema of this tenant")
        }
        return ResourceType(
            name: name,
            endpoint: document.endpoint,
            description: document.description,
            schema: schema,
            extensions: try extensions(document.extensions, of: schema, in: name)
        )
    }

    private func extensions(
        _ documents: [ResourceTypeDocument.Extension],
        of base: Schema,
        in name: String
    ) throws(SchemaFault) -> [ResourceType.Extension] {
        var parts: [ResourceType.Extension] = []
        for document in documents {
            guard let schema = lookUp(document.schema) else {
                throw SchemaFault(
                    "\(name).schemaExtensions",
                    "\(document.schema) is no schema of this tenant"
                )
            }
            guard schema.id != base.id else {
                throw SchemaFault("\(name).schemaExtensions", "\(schema.id) is the type's own schema")
            }
            parts.append(ResourceType.Extension(schema: schema, required: document.required))
        }
        let schemas = [base] + parts.map(\.schema)
        for schema in schemas {
            for other in schemas where other.id.lowercased().hasPrefix("\(schema.id.lowercased()):") {
                let rest = String(other.id.dropFirst(schema.id.count + 1))
                guard schema.attribute(rest) == nil else {
                    throw SchemaFault(
                        "\(name).schemaExtensions",
                        "\(other.id) reads like the attribute \(rest) of \(schema.id)"
                    )
                }
            }
        }
        return parts
    }

    private func lookUp(_ urn: String) -> Schema? { schema(urn) ?? SchemaCatalog.core.schema(urn: urn) }

    /// `/v2` and its like stand for a version of the protocol (RFC 7644 §3.13).
    private static func isVersion(_ endpoint: String) -> Bool {
        let digits = endpoint.utf8.dropFirst(2)
        return endpoint.lowercased().hasPrefix("/v") && !digits.isEmpty
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
