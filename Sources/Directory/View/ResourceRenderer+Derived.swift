import JSON
import SCIM
import Storage
import Tenancy

// What an answer shows of a resource behind its stored bytes, written as text and not by way of values: it is a good part of
// what a look-up costs.

private enum Text {
    static let groups = Array(#","groups":["#.utf8)
    static let groupValue = Array(#"{"value":""#.utf8)
    static let groupReference = Array(#"","$ref":""#.utf8)
    static let groupDisplay = Array(#"","display":"#.utf8)
    static let groupEnd = Array(#","type":"direct"}"#.utf8)
}

extension ResourceRenderer {
    /// Writes the groups that hold a resource directly (RFC 7643 §4.1.2); nothing if there are none.
    func appendGroups(
        of id: UniqueID,
        left: ChangedResource?,
        _ snapshot: borrowing Snapshot,
        to output: inout [UInt8]
    ) throws(DirectoryError) {
        guard kind.groupsAttribute != nil, let holder = kinds.holder else { return }
        let begin = output.count
        if left == nil, try appendGroupsAsStored(of: id, holder, snapshot, to: &output) { return }
        output.removeLast(output.count - begin)
        for group in try holders(of: id, holder, left: left, snapshot) {
            if output.count == begin { output += Text.groups } else { output.append(UInt8(ascii: ",")) }
            append(group.id, holder, display: group.display.utf8.span, to: &output)
        }
        if output.count > begin { output.append(UInt8(ascii: "]")) }
    }

    /// Writes the groups from their records, one look-up each.
    ///
    /// - Returns: whether that was all; false if a set is not that of the group with its id, so that it may be another's.
    private func appendGroupsAsStored(
        of id: UniqueID,
        _ holder: ResourceKind,
        _ snapshot: borrowing Snapshot,
        to output: inout [UInt8]
    ) throws(DirectoryError) -> Bool {
        let sets = try snapshot.sets(of: id, space: tenant, limit: pace.groupsMax + 1)
        guard let first = sets.first else { return true }
        guard sets.count <= pace.groupsMax else { throw .tooLongForLoop }
        output += Text.groups
        let asked = asked(holder, snapshot)
        let begin = output.count
        if let asked, texts?.append(sets, asked, to: &output) == true {
            output.append(UInt8(ascii: "]"))
            return true
        }
        output.removeLast(output.count - begin)
        var found: [(UniqueID, [UInt8])] = []
        var key = Keys.record(tenant, holder.code, first)
        for set in sets {
            if set != first { key.replaceEnd(with: set) }
            var isOwn = false
            try snapshot.look(at: key) { row, _ in
                guard let layout = ResourceRecordLayout(row), layout.membershipSet ?? set == set else {
                    return
                }
                isOwn = true
                if set != first { output.append(UInt8(ascii: ",")) }
                let mark = output.count
                append(set, holder, display: row.extracting(layout.display), to: &output)
                if asked != nil { found.append((set, Array(output[mark...]))) }
            }
            guard isOwn else { return false }
        }
        output.append(UInt8(ascii: "]"))
        if let asked { texts?.keep(found, asked) }
        return true
    }

    /// By what finished texts are known; nil if none may be used.
    private func asked(_ holder: ResourceKind, _ snapshot: borrowing Snapshot) -> GroupTexts.Asked? {
        guard texts != nil, let state = snapshot.state(of: tenant, kind: holder.code) else { return nil }
        return GroupTexts.Asked(tenant: tenant, state: state, baseURL: baseURL)
    }

    private func append(
        _ group: UniqueID,
        _ holder: ResourceKind,
        display: Span<UInt8>,
        to output: inout [UInt8]
    ) {
        output += Text.groupValue
        group.append(textTo: &output)
        output += Text.groupReference
        append(locationOf: group, holder, to: &output)
        output += Text.groupDisplay
        JSONWriter.appendString(utf8: display, to: &output)
        output += Text.groupEnd
    }

    func appendMeta(of id: UniqueID, _ state: State, to output: inout [UInt8]) {
        let location = locationBeginning ?? Self.locationBeginning(baseURL, kind)
        let beginning = kind.metaBeginning
        output.append(addingCapacity: beginning.count + location.count + Self.metaRoom) { free in
            free.append(copying: beginning.span)
            state.created.append(to: &free)
            free.append(#"","lastModified":""#)
            state.lastModified.append(to: &free)
            free.append(#"","location":""#)
            free.append(copying: location.span)
            id.append(textTo: &free)
            free.append(#"","version":"W/\""#)
            JSONWriter.appendInteger(Int64(clamping: state.version.number), to: &free)
            free.append(#"\""}"#)
        }
    }

    /// More than what `meta` has beside its beginning and that of the location: two times, an id, a number, and what stands between.
    private static let metaRoom = 192

    private func append(locationOf id: UniqueID, _ kind: ResourceKind, to output: inout [UInt8]) {
        if kind === self.kind, let locationBeginning {
            output += locationBeginning
        } else {
            Self.append(locationBeginning: baseURL, kind, to: &output)
        }
        id.append(textTo: &output)
    }

    static func locationBeginning(_ baseURL: String, _ kind: ResourceKind) -> [UInt8] {
        var beginning: [UInt8] = []
        beginning.reserveCapacity(baseURL.utf8.count + kind.type.endpoint.utf8.count + 1)
        append(locationBeginning: baseURL, kind, to: &beginning)
        return beginning
    }

    private static func append(
        locationBeginning baseURL: String,
        _ kind: ResourceKind,
        to output: inout [UInt8]
    ) {
        JSONWriter.appendPart(baseURL, to: &output)
        JSONWriter.appendPart(kind.type.endpoint, to: &output)
        output.append(UInt8(ascii: "/"))
    }
}
