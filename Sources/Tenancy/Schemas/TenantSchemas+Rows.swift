import JSON
import SCIM
import Storage

/// The row that every change of a tenant's schemas writes.
///
/// Changes of resources that go by own schemas name its version in a precondition, so that none of them is based on schemas
/// that have changed meanwhile.
struct SchemasHead {
    let version: UInt32
    let lastCode: UInt8
    /// The highest number of a marked attribute; a row without it has none.
    let lastIndex: UInt16

    private static let format: UInt8 = 1

    init(version: UInt32, lastCode: UInt8, lastIndex: UInt16) {
        self.version = version
        self.lastCode = lastCode
        self.lastIndex = lastIndex
    }

    /// Nil if the row is damaged.
    init?(row: Span<UInt8>) {
        var reader = RowReader()
        guard reader.integer(UInt8.self, in: row) == Self.format,
            let version = reader.integer(UInt32.self, in: row),
            let lastCode = reader.integer(UInt8.self, in: row)
        else { return nil }
        self.init(
            version: version,
            lastCode: lastCode,
            lastIndex: reader.integer(UInt16.self, in: row) ?? 0
        )
    }

    var encoded: [UInt8] {
        var row = [Self.format]
        row.appendBigEndian(version)
        row.append(lastCode)
        if lastIndex > 0 { row.appendBigEndian(lastIndex) }
        return row
    }
}

// Schemas and resource types are rows of their own: a format's number, a type's code, then the document as JSON.

extension TenantSchemas {
    private static let format: UInt8 = 1

    static func row(_ schema: Schema) -> [UInt8] {
        var row = [format]
        JSONValue.object(schema.json).write(to: &row)
        return row
    }

    static func row(_ type: RegisteredType) -> [UInt8] {
        var row = [format, type.code]
        JSONValue.object(type.document.json).write(to: &row)
        return row
    }

    /// Reads what is registered for a tenant, and the version of its head row; nil if nothing ever was.
    static func read(
        ofTenant number: UInt32,
        _ snapshot: borrowing Snapshot
    ) throws(StoreError) -> (schemas: TenantSchemas, head: CommitVersion)? {
        let damaged = StoreError.corrupt("schemas of tenant \(number)")
        let found = try snapshot.read(Keys.schemasHead(number)) { row, version in
            (SchemasHead(row: row), version)
        }
        guard let found else { return nil }
        guard let head = found.0 else { throw damaged }
        var schemas = TenantSchemas()
        schemas.version = head.version
        schemas.lastCode = head.lastCode
        schemas.lastIndex = head.lastIndex
        for row in try rows(Keys.schemas(ofTenant: number), snapshot) {
            guard row.first == format, let document = object(row.dropFirst()),
                let schema = try? SchemaDecoder.schema(document)
            else { throw damaged }
            schemas.schemas.append(schema)
        }
        for row in try rows(Keys.resourceTypes(ofTenant: number), snapshot) {
            guard row.count > 2, row[0] == format, let document = object(row.dropFirst(2)),
                let type = try? ResourceTypeDocument(document)
            else { throw damaged }
            schemas.types.append(RegisteredType(code: row[1], document: type))
        }
        for row in try rows(Keys.markedIndexes(ofTenant: number), snapshot) {
            guard let index = MarkedIndex(row: row.span) else { throw damaged }
            schemas.indexes.append(index)
        }
        return (schemas, found.1)
    }

    private static func rows(
        _ prefix: Key,
        _ snapshot: borrowing Snapshot
    ) throws(StoreError) -> [[UInt8]] {
        var rows: [[UInt8]] = []
        try snapshot.scan(prefix: prefix, from: nil) { _, row, _ in
            rows.append([UInt8](copying: row))
            return .more
        }
        return rows
    }

    private static func object(_ bytes: ArraySlice<UInt8>) -> JSONObject? {
        guard case .object(let object)? = try? JSONValue(parsing: Array(bytes), limits: .stored) else {
            return nil
        }
        return object
    }
}

extension ResourceKinds {
    /// The same for callers above the storage layer.
    package static func of(
        _ tenant: Tenant,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> ResourceKinds {
        do throws(StoreError) { return try read(ofTenant: tenant.number, snapshot) } catch {
            throw DirectoryError(error)
        }
    }

    /// The same for whoever has a tenant's number alone.
    package static func of(
        tenantNumber number: UInt32,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> ResourceKinds {
        do throws(StoreError) { return try read(ofTenant: number, snapshot) } catch {
            throw DirectoryError(error)
        }
    }

    /// The resource types of a tenant as the snapshot has them.
    static func read(
        ofTenant number: UInt32,
        _ snapshot: borrowing Snapshot
    ) throws(StoreError) -> ResourceKinds {
        guard let (schemas, head) = try TenantSchemas.read(ofTenant: number, snapshot) else { return .core }
        do throws(SchemaFault) {
            return ResourceKinds(all: try schemas.resourceKinds(), version: schemas.version, head: head)
        } catch {
            throw StoreError.corrupt("schemas of tenant \(number): \(error)")
        }
    }
}
