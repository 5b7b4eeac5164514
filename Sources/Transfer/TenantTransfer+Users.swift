import Directory
import JSON
import SCIM
import Storage
import Tenancy

extension TenantTransfer {
    /// Creates users and updates those that are there already, found by userName, else by externalId.
    ///
    /// `lines` are at most ``linesMax``, each with a cell for every one of `columns`, which ``ImportColumn`` reads. One of
    /// them is userName or externalId. An empty cell leaves the attribute as it is.
    /// - Throws: ``AdministrationError/transferRefused(_:)`` for columns that cannot be imported, with nothing imported.
    package func importUsers(
        _ lines: [ImportLine],
        columns: [String],
        options: ImportOptions
    ) async throws(AdministrationError) -> ImportReport {
        let kind = try userKind()
        let columns = try UserColumns(columns, type: kind.type)
        try Self.check(lines, columns: columns.all.count, isAtomic: options.isAtomic)
        let context = context(kind)
        let results = try await ImportBatch(directory: directory, options: options).run(lines) {
            line,
            transaction throws(ImportStop) in
            try await importUser(line, columns, context, transaction)
        }
        return Self.report(lines.map { [$0.number] }, results, options)
    }

    private func importUser(
        _ line: ImportLine,
        _ columns: UserColumns,
        _ context: ChangeContext,
        _ transaction: ChangeTransaction
    ) async throws(ImportStop) -> ImportOutcome {
        var cells: [(column: ImportColumn, value: JSONValue)] = []
        cells.reserveCapacity(columns.all.count)
        for (column, cell) in zip(columns.all, line.cells) {
            do throws(SCIMError) {
                if let value = try column.value(of: cell) { cells.append((column, value)) }
            } catch {
                throw .line(error.detail, column: column.name)
            }
        }
        let id = try await user(
            named: columns.userName.map { line.cells[$0] },
            externalID: columns.externalID.map { line.cells[$0] },
            context,
            transaction
        )
        let plan = try Self.plan(cells, context.kind)
        let action: Change.Action =
            if let id { .patch(id, plan) } else {
                .create(directory.makeID(), try Self.newUser(plan, context.kind))
            }
        do throws(DirectoryError) {
            let outcome = try await transaction.stage(Change(action, context))
            return id == nil ? .created : outcome.hasChanged ? .updated : .unchanged
        } catch {
            throw ImportStop(error)
        }
    }

    private static func newUser(
        _ plan: PatchPlan,
        _ kind: ResourceKind
    ) throws(ImportStop) -> DecodedResource {
        do throws(SCIMError) {
            var budget = WorkBudget(PatchLimits.workMax)
            guard let user = try plan.apply(to: Resource(stored: .init(), type: kind.type), &budget) else {
                throw .tooMuchWork
            }
            return DecodedResource(user)
        } catch {
            throw .line(error.detail)
        }
    }
}

/// The columns of a table of users.
private struct UserColumns: Sendable {
    let all: [ImportColumn]
    /// Where the columns are that tell which user a line is about.
    let userName: Int?
    let externalID: Int?

    init(_ names: [String], type: ResourceType) throws(AdministrationError) {
        var all: [ImportColumn] = []
        for name in names {
            do throws(SCIMError) {
                let column = try ImportColumn(name, type: type)
                guard !all.contains(where: { $0.path == column.path }) else {
                    throw SCIMError(.invalidPath, "Another column fills \(column.path) already.")
                }
                all.append(column)
            } catch {
                throw .transferRefused("The column \(name): \(error.detail)")
            }
        }
        self.all = all
        userName = all.firstIndex { $0.path == "userName" }
        externalID = all.firstIndex { $0.path == "externalId" }
        guard userName != nil || externalID != nil else {
            throw .transferRefused("A table of users has a column userName or externalId.")
        }
    }
}

// MARK: - What all imports share

extension TenantTransfer {
    func userKind() throws(AdministrationError) -> ResourceKind {
        guard let kind = access.kinds.all.first(where: { $0.type.name == ResourceType.user.name }) else {
            throw .transferRefused("This tenant has no users.")
        }
        return kind
    }

    func context(_ kind: ResourceKind) -> ChangeContext { ChangeContext(ofOperator: access, kind) }

    static func check(
        _ lines: [ImportLine],
        columns: Int,
        isAtomic: Bool
    ) throws(AdministrationError) {
        let limit = isAtomic ? atomicLinesMax : linesMax
        guard lines.count <= limit, columns <= columnsMax else {
            throw .transferRefused("A batch has at most \(limit) lines and \(columnsMax) columns.")
        }
        guard lines.allSatisfy({ $0.cells.count == columns }) else {
            throw .transferRefused("Each line has a cell for every column.")
        }
    }

    private static func plan(
        _ cells: [(column: ImportColumn, value: JSONValue)],
        _ kind: ResourceKind
    ) throws(ImportStop) -> PatchPlan {
        do throws(SCIMError) { return try PatchPlan(replacing: cells, type: kind.type, .default) } catch {
            throw .line(error.detail)
        }
    }

    /// The operations that a line comes to; what an import may write is not for a tenant's profile to decide.
    static func plan(
        _ operations: [PatchOperation],
        _ kind: ResourceKind
    ) throws(ImportStop) -> PatchPlan {
        do throws(SCIMError) { return try PatchPlan(operations, type: kind.type, .default) } catch {
            throw .line(error.detail)
        }
    }

    /// Counts what became of each change by the lines that make it up.
    static func report(
        _ changes: [[Int]],
        _ results: [Result<ImportOutcome, ImportFault>],
        _ options: ImportOptions
    ) -> ImportReport {
        var report = ImportReport()
        for (lines, result) in zip(changes, results) {
            for line in lines { report.add(line, result) }
        }
        if options.isAtomic, !report.refusals.isEmpty { report.undo() }
        return report
    }

    /// The user that a line is about: by userName, else by externalId; nil if there is none.
    ///
    /// That it still is becomes a condition of the transaction.
    func user(
        named userName: String?,
        externalID: String?,
        _ context: ChangeContext,
        _ transaction: ChangeTransaction
    ) async throws(ImportStop) -> UniqueID? {
        guard userName?.isEmpty == false || externalID?.isEmpty == false else {
            throw .line("The line names no user: userName and externalId are empty.")
        }
        do throws(DirectoryError) {
            for _ in 0...ResourceActor.conflictRetriesMax {
                let found = try transaction.directory.store.reading {
                    snapshot throws(DirectoryError) -> (id: UniqueID, condition: Precondition)? in
                    if let userName, let found = try resource("userName", userName, context, snapshot) {
                        return found
                    }
                    return try externalID.flatMap { text throws(DirectoryError) in
                        try resource("externalId", text, context, snapshot)
                    }
                }
                guard let found else { return nil }
                if try await transaction.require(found.condition) { return found.id }
            }
            throw .busy
        } catch {
            throw ImportStop(error)
        }
    }

    /// The one resource that has a value, and the row by which it has.
    private func resource(
        _ name: String,
        _ text: String,
        _ context: ChangeContext,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> (id: UniqueID, condition: Precondition)? {
        let (tenant, kind) = (access.tenant.number, context.kind)
        guard !text.isEmpty, let attribute = kind.type.resolve(AttributePath(attribute: name)) else {
            return nil
        }
        let comparable = attribute.definition.caseExact ? text : CasePreparation.prepare(text)
        let sha256 = directory.environment.sha256
        guard let index = kind.indexes.first(where: { $0.attribute == attribute }) else {
            preconditionFailure("users are named by attributes that an index covers")
        }
        let value = IndexedValue(index, text: comparable, sha256: sha256)
        if index.isUnique {
            let key = Keys.unique(tenant, kind.code, value)
            let found = try snapshot.row(key) { row, version in
                UniqueID(bytes: row, at: 0).map { (id: $0, condition: Precondition.version(key, version)) }
            }
            guard let found else { return nil }
            guard let found else { throw .storage(.corrupt("a row of a unique value names no resource")) }
            return found
        }
        guard
            let range = IndexRange(
                .text(.eq, comparable),
                of: index,
                tenant: tenant,
                kind: kind.code,
                sha256: sha256
            )
        else { preconditionFailure("texts of an index can be looked up") }
        guard let ids = try snapshot.resources(in: range, limit: 1) else {
            throw .rejected(SCIMError(.uniqueness, "Several users have this \(name)."))
        }
        return ids.first.map { ($0, .present(Keys.index(tenant, kind.code, value, $0))) }
    }
}
