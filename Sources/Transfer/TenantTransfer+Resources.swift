import Audit
import Directory
import JSON
import SCIM
import Storage
import Tenancy

/// A line of an export: a resource, or members of a group.
package struct ExportedLine: Sendable {
    package let number: Int
    package let value: JSONValue

    package init(number: Int, value: JSONValue) {
        self.number = number
        self.value = value
    }
}

extension TenantTransfer {
    /// Whether the tenant holds no resource.
    package func isEmpty() throws(AdministrationError) -> Bool {
        do throws(DirectoryError) {
            return try directory.store.reading { snapshot throws(DirectoryError) in
                for kind in access.kinds.all
                where try snapshot.counter(Keys.count(access.tenant.number, kind.code)) > 0 { return false }
                return true
            }
        } catch {
            throw AdministrationError(error)
        }
    }

    /// Takes lines of ``export(from:)`` back, with their ids and times.
    ///
    /// `lines` are at most ``linesMax``; members come after the resources they name. A line that the tenant holds already,
    /// exactly so, changes nothing, so that an import that was interrupted can be done again. A dry run does not look for
    /// members.
    package func importResources(
        _ lines: [ExportedLine],
        options: ImportOptions
    ) async throws(AdministrationError) -> ImportReport {
        guard lines.count <= Self.linesMax else {
            throw .transferRefused("A batch has at most \(Self.linesMax) lines.")
        }
        let kinds = access.kinds.all.map(\.importable)
        let results: [Result<ImportOutcome, ImportFault>]
        if options.isDryRun {
            results = try await look(at: lines, kinds, options)
        } else {
            results = try await SeparateLines(directory: directory) { line throws(ImportStop) in
                let imported = try ImportedLine(line.value, kinds: kinds)
                return (Change(imported.action, context(imported.kind)), imported.made)
            }.run(lines)
        }
        return Self.report(lines.map { [$0.number] }, results, options)
    }

    /// Finds out what would become of lines, each beside those before it.
    private func look(
        at lines: [ExportedLine],
        _ kinds: [ResourceKind],
        _ options: ImportOptions
    ) async throws(AdministrationError) -> [Result<ImportOutcome, ImportFault>] {
        try await ImportBatch(directory: directory, options: options).run(lines) {
            line,
            transaction throws(ImportStop) in
            let imported = try ImportedLine(line.value, kinds: kinds)
            // The group and its members may be lines of an earlier batch, of which nothing was kept.
            if case .members = imported.content { return .updated }
            do throws(DirectoryError) {
                let outcome = try await transaction.stage(Change(imported.action, context(imported.kind)))
                return outcome.hasChanged ? imported.made : .unchanged
            } catch {
                throw ImportStop(error)
            }
        }
    }
}

/// A line that was found to be one of an export.
struct ImportedLine: Sendable {
    enum Content: Sendable {
        case resource(ResourceRecord)
        case members(MemberIDs)
    }

    let kind: ResourceKind
    let id: UniqueID
    let content: Content

    init(_ value: JSONValue, kinds: [ResourceKind]) throws(ImportStop) {
        guard case .object(var object) = value, case .object(let meta)? = object["meta"],
            case .string(let typeName)? = meta["resourceType"]
        else { throw .line("This is no line of an export: it has no meta.resourceType.") }
        guard let kind = kinds.first(where: { $0.type.name == typeName }) else {
            throw .line("The tenant has no resource type of this name.", column: "meta.resourceType")
        }
        guard case .string(let text)? = object["id"], let id = UniqueID(text: text), id.text == text else {
            throw .line("The id is not a UUID in lower case.", column: "id")
        }
        self.kind = kind
        self.id = id
        do throws(SCIMError) {
            if object["schemas"] == nil, kind.membersAttribute != nil {
                object["schemas"] = .array([.string(kind.type.schema.id)])
                content = .members(try Self.members(object, kind))
            } else {
                object["meta"] = nil
                content = .resource(try Self.record(object, meta, kind))
            }
        } catch {
            throw .line(error.detail)
        }
    }

    /// What the line asks for.
    var action: Change.Action {
        switch content {
        case .resource(let record): .restore(id, record)
        case .members(let ids): .restoreMembers(id, ids)
        }
    }

    /// What the line comes to if it changes anything.
    var made: ImportOutcome {
        switch content {
        case .resource: .created
        case .members: .updated
        }
    }

    private static func members(
        _ object: JSONObject,
        _ kind: ResourceKind
    ) throws(SCIMError) -> MemberIDs {
        guard let name = kind.membersAttribute?.name, case .array(let values)? = object[name],
            values.count <= TenantTransfer.exportMembersMax
        else {
            throw SCIMError(.invalidValue, "A line has at most \(TenantTransfer.exportMembersMax) members.")
        }
        var ids = MemberIDs()
        for value in values {
            guard case .object(let member) = value, case .string(let id)? = member["value"] else {
                throw SCIMError(.invalidValue, "Each of the members needs a value, the member's id.")
            }
            ids.append(id)
        }
        return ids
    }

    private static func record(
        _ object: JSONObject,
        _ meta: JSONObject,
        _ kind: ResourceKind
    ) throws(SCIMError) -> ResourceRecord {
        func time(_ name: String) throws(SCIMError) -> Timestamp {
            guard case .string(let text)? = meta[name], let time = Timestamp(rfc3339: text) else {
                throw SCIMError(.invalidValue, "meta.\(name) must be a dateTime.")
            }
            return time
        }
        let decoded = try ResourceDecoder.decode(.object(object), as: kind.type, .default)
        guard decoded.members == nil, !decoded.containsPassword, decoded.ignored.isEmpty else {
            throw SCIMError(.invalidValue, "The line has attributes that no export of this tenant has.")
        }
        // What was stored in normal form keeps its order, so that it is exported as the same bytes again.
        let stored = Resource(stored: object, type: kind.type)
        return ResourceRecord(
            created: try time("created"),
            lastModified: try time("lastModified"),
            resource: stored == decoded.resource ? stored : decoded.resource
        )
    }
}
