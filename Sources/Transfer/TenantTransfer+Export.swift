import Directory
import JSON
import SCIM
import Storage
import Tenancy

/// A part of an export.
package struct ExportPage: Sendable {
    /// Each resource as JSON on its own.
    package fileprivate(set) var lines: [[UInt8]] = []
    /// Where to go on; nil after the last part.
    package fileprivate(set) var next: String?
}

extension TenantTransfer {
    /// Resources, or parts of groups' members, of one page.
    package static let exportLinesMax = 500
    /// Bytes after which a page ends.
    private static let pageBytesMax = 512 * 1_024
    /// Members that one line names.
    package static let exportMembersMax = 1_000

    /// The next part of the tenant's resources, in an order that depends on their ids alone.
    ///
    /// First all resources without what is derived, with their times to the microsecond, then the members of the groups:
    ///
    /// ```
    /// {"schemas":[…],"id":"…","userName":"…",…,"meta":{"resourceType":"User","created":"…","lastModified":"…"}}
    /// {"id":"…","members":[{"value":"…","type":"User"},…],"meta":{"resourceType":"Group"}}
    /// ```
    ///
    /// Each page shows the state in which it finds the tenant; nothing is held between pages. `cursor` is where the page
    /// before said to go on; nil for the first page.
    /// - Throws: ``AdministrationError/transferRefused(_:)`` for a cursor that no page has given.
    package func export(from cursor: String?) throws(AdministrationError) -> ExportPage {
        guard let first = access.kinds.all.first else { return ExportPage() }
        let start = cursor.map(ExportCursor.init(text:)) ?? ExportCursor(.resource(kind: first.code, nil))
        guard let start else { throw .transferRefused("The export cannot go on from here.") }
        do throws(DirectoryError) {
            return try directory.store.reading { snapshot throws(DirectoryError) in
                switch start.place {
                case .resource(let code, let id): try resources(of: code, from: id, snapshot)
                case .member(let group, let member): try members(from: group, member, snapshot)
                }
            }
        } catch {
            throw AdministrationError(error)
        }
    }

    // MARK: Resources

    private func resources(
        of code: UInt8,
        from start: UniqueID?,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> ExportPage {
        let kinds = access.kinds.all
        guard let index = kinds.firstIndex(where: { $0.code == code }) else {
            throw .rejected(SCIMError(.invalidValue, "The export cannot go on from here."))
        }
        let kind = kinds[index]
        var page = ExportPage()
        let ids = try ids(of: kind, from: start, snapshot)
        var bytes = 0
        for id in ids {
            guard page.lines.count < Self.exportLinesMax, bytes < Self.pageBytesMax else {
                page.next = ExportCursor(.resource(kind: code, id)).text
                return page
            }
            guard let line = try line(id, kind, snapshot) else { continue }
            bytes += line.count
            page.lines.append(line)
        }
        let after = index + 1 < kinds.count ? kinds[index + 1].code : nil
        page.next = ExportCursor(after.map { .resource(kind: $0, nil) } ?? .member(nil, nil)).text
        return page
    }

    /// The ids of one page and the one after it.
    private func ids(
        of kind: ResourceKind,
        from start: UniqueID?,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID] {
        let tenant = access.tenant.number
        var ids: [UniqueID] = []
        try snapshot.rows(
            prefix: Keys.records(tenant, kind.code),
            from: start.map { Keys.record(tenant, kind.code, $0) }
        ) { key, _, _ in
            if let id = Keys.id(fromKey: key) { ids.append(id) }
            return ids.count <= Self.exportLinesMax ? .more : .stop
        }
        return ids
    }

    private func line(
        _ id: UniqueID,
        _ kind: ResourceKind,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UInt8]? {
        let tenant = access.tenant.number
        let found = try snapshot.row(Keys.record(tenant, kind.code, id)) { row, version in
            ResourceRecordLayout(row).map { layout -> (ResourceRecordLayout, CommitVersion, [UInt8]) in
                let open = layout.json.lowerBound..<layout.json.upperBound - 1
                return (layout, version, [UInt8](copying: row.extracting(open)))
            }
        }
        guard let found else { return nil }
        guard let (layout, version, json) = found else { throw .storage(.corrupt("record \(id.text)")) }
        let state = try renderer(kind).state(of: id, layout, version, snapshot)
        var line = json
        line += #","meta":"#.utf8
        let meta = JSONObject(uniqueMembers: [
            .init(name: "resourceType", value: .string(kind.type.name)),
            .init(name: "created", value: .string(state.created.microsecondText)),
            .init(name: "lastModified", value: .string(state.lastModified.microsecondText)),
        ])
        JSONValue.object(meta).write(to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    private func renderer(_ kind: ResourceKind) -> ResourceRenderer { directory.renderer(context(kind)) }

    // MARK: Members

    private func members(
        from group: UniqueID?,
        _ member: UniqueID?,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> ExportPage {
        var page = ExportPage()
        guard let holder = access.kinds.holder else { return page }
        let groups = try ids(of: holder, from: group, snapshot)
        var bytes = 0
        let tenant = access.tenant.number
        let isAnybodyLeaving = try snapshot.isAnybodyLeaving(tenant: tenant)
        for (index, id) in groups.enumerated() {
            let set = try snapshot.membershipSet(of: id, tenant: tenant, holder: holder.code)
            guard let set else { continue }
            var next = id == group ? member : nil
            repeat {
                guard index < Self.exportLinesMax, bytes < Self.pageBytesMax else {
                    page.next = ExportCursor(.member(id, next)).text
                    return page
                }
                let slice = try snapshot.members(
                    ofSet: set,
                    space: tenant,
                    from: next,
                    limit: Self.exportMembersMax
                )
                next = slice.next
                var edges = slice.edges
                if isAnybodyLeaving {
                    edges = []
                    for edge in slice.edges
                    where try snapshot.row(Keys.leavingMember(tenant, edge.member), { _, _ in true }) == nil {
                        edges.append(edge)
                    }
                }
                guard !edges.isEmpty else { continue }
                let line = memberLine(id, holder, edges)
                bytes += line.count
                page.lines.append(line)
            } while next != nil
        }
        return page
    }

    private func memberLine(_ group: UniqueID, _ holder: ResourceKind, _ edges: [MemberEdge]) -> [UInt8] {
        let values = edges.map { edge in
            var value = JSONObject(uniqueMembers: [.init(name: "value", value: .string(edge.member.text))])
            if let kind = access.kinds.kind(code: edge.kind) { value["type"] = .string(kind.type.name) }
            return JSONValue.object(value)
        }
        let line = JSONObject(uniqueMembers: [
            .init(name: "id", value: .string(group.text)),
            .init(name: "members", value: .array(values)),
            .init(
                name: "meta",
                value: .object(
                    JSONObject(uniqueMembers: [.init(name: "resourceType", value: .string(holder.type.name))])
                )
            ),
        ])
        var bytes: [UInt8] = []
        line.write(to: &bytes)
        return bytes
    }
}
