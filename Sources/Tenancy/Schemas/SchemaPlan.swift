import JSON
import SCIM
import Storage

/// One change of a tenant's schemas and resource types, from what is registered to a changeset.
///
/// What is in use is known from counters: how many resources a type has, and how many have attributes of an extension. A
/// counter that a decision rests on is a precondition, so that no resource comes in between.
struct SchemaPlan {
    /// The URNs and names that the change is about, for the audit trail.
    private(set) var names: [String] = []
    private(set) var changeset = Changeset()

    private let administration: Administration
    private let tenant: UInt32
    private let before: TenantSchemas
    private let head: CommitVersion?
    private var after: TenantSchemas

    init(reading administration: Administration, tenant: Tenant) throws(AdministrationError) {
        self.administration = administration
        self.tenant = tenant.number
        let number = tenant.number
        let found = try administration.reading {
            snapshot throws(DirectoryError) -> (schemas: TenantSchemas, head: CommitVersion)? in
            do throws(StoreError) { return try TenantSchemas.read(ofTenant: number, snapshot) } catch {
                throw DirectoryError(error)
            }
        }
        before = found?.schemas ?? TenantSchemas()
        after = before
        head = found?.head
    }

    /// The new state, and in ``changeset`` how it is reached; nil if nothing changes.
    mutating func finished() throws(AdministrationError) -> TenantSchemas? {
        guard after != before else { return nil }
        after.version += 1
        do throws(SchemaFault) { _ = try after.resourceKinds() } catch { throw .invalidSchema(error) }
        guard after.schemas.count <= TenantSchemas.schemasMax else {
            throw .inUse("A tenant has at most \(TenantSchemas.schemasMax) schemas of its own.")
        }
        let bytes = after.schemas.reduce(0) { $0 + TenantSchemas.row($1).count }
        guard bytes <= TenantSchemas.schemaBytesMax else {
            throw .inUse("A tenant's own schemas have at most \(TenantSchemas.schemaBytesMax) bytes as JSON.")
        }
        guard after.types.count <= TenantSchemas.typesMax else {
            throw .inUse("A tenant has at most \(TenantSchemas.typesMax) resource types of its own.")
        }
        let key = Keys.schemasHead(tenant)
        changeset.preconditions.append(head.map { .version(key, $0) } ?? .absent(key))
        let row = SchemasHead(
            version: after.version,
            lastCode: after.lastCode,
            lastIndex: after.lastIndex
        )
        changeset.mutations.append(.put(key, row.encoded))
        return after
    }

    // MARK: - Schemas

    mutating func add(_ schema: Schema) throws(AdministrationError) {
        names.append(schema.id)
        if let old = after.schema(schema.id) {
            guard old != schema else { return }
            if try isInUse(old), let fault = schema.fault(replacing: old) {
                throw .invalidSchema(fault.inside(schema.id))
            }
            after.schemas.removeAll { $0.id == old.id }
        }
        let row = TenantSchemas.row(schema)
        guard row.count <= SchemaLimits.documentBytesMax else {
            throw .invalidSchema(
                SchemaFault(schema.id, "is longer than \(SchemaLimits.documentBytesMax) bytes as JSON")
            )
        }
        after.schemas.append(schema)
        changeset.mutations.append(.put(Keys.schema(schema.id, ofTenant: tenant), row))
    }

    mutating func removeSchema(_ urn: String) throws(AdministrationError) {
        guard let schema = after.schema(urn) else { throw .noSuchSchema }
        if let type = after.types.first(where: { $0.document.schema.equalsIgnoringASCIICase(schema.id) }) {
            throw .inUse("\(schema.id) is the schema of the resource type \(type.document.name).")
        }
        for type in after.types where type.document.extensions.contains(where: { Self.names($0, schema.id) })
        {
            var document = type.document
            document.extensions.removeAll { Self.names($0, schema.id) }
            try add(document)
        }
        names = [schema.id]
        after.schemas.removeAll { $0.id == schema.id }
        changeset.mutations.append(.delete(Keys.schema(schema.id, ofTenant: tenant)))
    }

    /// Whether resources may have attributes of the schema.
    private mutating func isInUse(_ schema: Schema) throws(AdministrationError) -> Bool {
        for type in after.types {
            if type.document.schema.equalsIgnoringASCIICase(schema.id) {
                if try count(Keys.count(tenant, type.code)) > 0 { return true }
            } else if type.document.extensions.contains(where: { Self.names($0, schema.id) }) {
                if try count(Keys.count(tenant, type.code, ofExtension: schema.id)) > 0 { return true }
            }
        }
        return false
    }

    private static func names(_ part: ResourceTypeDocument.Extension, _ urn: String) -> Bool {
        part.schema.equalsIgnoringASCIICase(urn)
    }

    // MARK: - Indexes

    /// Marks an attribute of a resource type for an index.
    mutating func mark(_ path: String, of type: String) throws(AdministrationError) {
        let kinds: [ResourceKind]
        do throws(SchemaFault) { kinds = try after.resourceKinds() } catch { throw .invalidSchema(error) }
        guard let kind = kinds.first(where: { $0.type.name.equalsIgnoringASCIICase(type) }) else {
            throw .noSuchResourceType
        }
        let attribute: ResolvedAttribute
        do throws(SchemaFault) { attribute = try MarkedIndex.resolve(path, in: kind.type) } catch {
            throw .invalidSchema(error)
        }
        let canonical = attribute.path.description
        guard attribute.attribute !== CommonAttributes.id,
            !kind.indexes.contains(where: { $0.attribute == attribute })
        else { throw .inUse("\(canonical) has an index already.") }
        guard after.indexes.count < MarkedIndex.countMax, after.lastIndex < .max else {
            throw .inUse("A tenant has at most \(MarkedIndex.countMax) indexes of its own.")
        }
        after.lastIndex += 1
        put(MarkedIndex(number: after.lastIndex, kind: kind.code, path: canonical))
    }

    /// Takes a mark away.
    mutating func unmark(_ number: UInt16) throws(AdministrationError) {
        guard var index = after.indexes.first(where: { $0.number == number }), index.state != .removed else {
            throw .noSuchIndex
        }
        index.state = .removed
        put(index)
    }

    /// Notes that all rows of a marked attribute are there, or that all of a removed one are gone.
    mutating func finish(_ number: UInt16, _ state: MarkedIndex.State) {
        guard var index = after.indexes.first(where: { $0.number == number }), index.state == state else {
            return
        }
        names.append(index.path)
        changeset.mutations.append(.delete(Keys.indexWork(number, ofTenant: tenant)))
        if state == .removed {
            after.indexes.removeAll { $0.number == number }
            changeset.mutations.append(.delete(Keys.markedIndex(number, ofTenant: tenant)))
        } else {
            index.state = .complete
            after.indexes = after.indexes.map { $0.number == number ? index : $0 }
            changeset.mutations.append(.put(Keys.markedIndex(number, ofTenant: tenant), index.encoded))
        }
    }

    /// Writes a mark whose rows are to be written or to be removed.
    private mutating func put(_ index: MarkedIndex) {
        names.append(index.path)
        after.indexes.removeAll { $0.number == index.number }
        after.indexes.append(index)
        changeset.mutations.append(.put(Keys.markedIndex(index.number, ofTenant: tenant), index.encoded))
        changeset.mutations.append(.put(Keys.indexWork(index.number, ofTenant: tenant), []))
    }

    // MARK: - Resource types

    /// The document of a type as far as the tenant can change it, to add extensions to.
    func document(extending name: String) throws(AdministrationError) -> ResourceTypeDocument {
        if let type = after.type(name) { return type.document }
        guard let kind = TenantSchemas.builtInKind(name) else { throw .noSuchResourceType }
        var document = kind.type.document
        document.extensions = []
        return document
    }

    mutating func add(_ document: ResourceTypeDocument) throws(AdministrationError) {
        if let kind = TenantSchemas.builtInKind(document.name) { return try extend(kind, document) }
        names.append(document.name)
        if let old = after.type(document.name) {
            guard old.document != document else { return }
            if try count(Keys.count(tenant, old.code)) > 0 {
                if let fault = document.fault(replacing: old.document) { throw .invalidSchema(fault) }
                try requireUnused(old.document.extensions, without: document.extensions, code: old.code)
            }
            return put(.init(code: old.code, document: document))
        }
        guard after.lastCode < UInt8.max else {
            throw .inUse(
                "No more resource types can be registered for this tenant, which has had 240 of them."
            )
        }
        after.lastCode += 1
        put(.init(code: after.lastCode, document: document))
    }

    /// Adds to a built-in type: what the program defines of it stays as it is.
    private mutating func extend(
        _ kind: ResourceKind,
        _ document: ResourceTypeDocument
    ) throws(AdministrationError) {
        let own = kind.type.document
        guard document.name == own.name, document.endpoint == own.endpoint,
            document.schema.equalsIgnoringASCIICase(own.schema)
        else {
            throw .invalidSchema(
                SchemaFault(document.name, "is built in: only extensions can be added to it")
            )
        }
        names.append(own.name)
        let extensions = document.extensions.filter { part in
            !own.extensions.contains { Self.names($0, part.schema) }
        }
        let old = after.type(own.name)?.document.extensions ?? []
        guard extensions != old else { return }
        try requireUnused(old, without: extensions, code: kind.code)
        let required = extensions.filter { part in
            part.required && old.first { Self.names($0, part.schema) }?.required != true
        }
        if let part = required.first, try count(Keys.count(tenant, kind.code)) > 0 {
            throw .inUse("\(part.schema) cannot be required: there are resources without it.")
        }
        guard !extensions.isEmpty else { return drop(own.name) }
        put(
            .init(
                code: kind.code,
                document: ResourceTypeDocument(
                    name: own.name,
                    endpoint: own.endpoint,
                    description: own.description,
                    schema: own.schema,
                    extensions: extensions
                )
            )
        )
    }

    mutating func removeType(_ name: String) throws(AdministrationError) {
        guard let type = after.type(name), type.code >= TenantSchemas.firstCode else {
            if TenantSchemas.builtInKind(name) == nil { throw .noSuchResourceType }
            throw .inUse("\(name) is built in. Its extensions are removed with their schemas.")
        }
        let count = try count(Keys.count(tenant, type.code))
        guard count == 0 else {
            throw .inUse("The type \(type.document.name) has resources (\(count)): delete them first.")
        }
        names.append(type.document.name)
        // Counters of extensions begin with the same key.
        changeset.mutations.append(
            .deletePrefix(Keys.count(tenant, type.code), limit: SchemaLimits.extensionsMax + 1)
        )
        changeset.mutations.append(.deletePrefix(Keys.tally(tenant, type.code).counts, limit: 2))
        drop(type.document.name)
    }

    private mutating func put(_ type: TenantSchemas.RegisteredType) {
        let name = type.document.name
        after.types.removeAll { $0.document.name.equalsIgnoringASCIICase(name) }
        after.types.append(type)
        changeset.mutations.append(
            .put(Keys.resourceType(name, ofTenant: tenant), TenantSchemas.row(type))
        )
    }

    private mutating func drop(_ name: String) {
        after.types.removeAll { $0.document.name.equalsIgnoringASCIICase(name) }
        changeset.mutations.append(.delete(Keys.resourceType(name, ofTenant: tenant)))
    }

    /// Extensions that a type loses have no attributes in any of its resources.
    private mutating func requireUnused(
        _ old: [ResourceTypeDocument.Extension],
        without new: [ResourceTypeDocument.Extension],
        code: UInt8
    ) throws(AdministrationError) {
        for part in old where !new.contains(where: { Self.names($0, part.schema) }) {
            let count = try count(Keys.count(tenant, code, ofExtension: part.schema))
            guard count == 0 else {
                throw .inUse("Resources have attributes of \(part.schema) (\(count)): remove those first.")
            }
        }
    }

    /// A counter's value; that it keeps it becomes a precondition.
    private mutating func count(_ key: Key) throws(AdministrationError) -> Int {
        let found = try administration.reading {
            snapshot throws(DirectoryError) -> (value: Int64, version: CommitVersion)? in
            try snapshot.row(key) { row, version in (Counter.value(of: row) ?? 0, version) }
        }
        let condition: Precondition = found.map { .version(key, $0.version) } ?? .absent(key)
        // A type with resources is written to all the time: only that there are none must stay true.
        if found?.value ?? 0 == 0 { changeset.preconditions.append(condition) }
        return Int(clamping: found?.value ?? 0)
    }
}
