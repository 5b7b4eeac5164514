import Directory
import SCIM
import Storage
import Tenancy

/// A request for at most one resource, understood once, and answered for one resource after the other.
///
/// Whoever synchronises a directory looks its people up one by one, and such a look-up needs nothing of what a ``QueryRun`` keeps in order to
/// go on where it stopped. The answers are the same.
package final class ResourceLookUp: Sendable {
    private let store: any Store
    private let renderer: ResourceRenderer
    /// Where names lead to resources; nil if they are asked for by id.
    private let names: UniqueKeys?

    /// Of a list that has at most one resource, in a page that shows it; nil for others.
    package init?(
        _ part: ResourceQuery.Part,
        _ page: ResourceQuery.Page,
        access: TenantAccess,
        baseURL: String,
        _ queries: ResourceQueries
    ) {
        guard page.cursor == nil, page.startIndex == 1, page.count >= 1, part.sort == nil,
            part.kind.membersAttribute == nil, let filter = part.filter, filter.isOneEquality,
            let isCaseExact = filter.isCaseExact, let attribute = filter.equalities.first?.attribute,
            let unique = part.kind.indexes.first(where: { $0.isUnique && $0.attribute == attribute })
        else { return nil }
        names = UniqueKeys(
            access.tenant.number,
            part.kind.code,
            unique,
            isFolded: !isCaseExact,
            sha256: queries.environment.sha256
        )
        store = queries.directory.store
        renderer = ResourceRenderer(
            part.kind,
            part.projection,
            access: access,
            baseURL: baseURL,
            texts: queries.texts,
            isForMany: true
        )
    }

    /// Of resources by id; nil for a kind with members, whose answers are written in pieces.
    package init?(
        of kind: ResourceKind,
        _ projection: AttributeProjection,
        access: TenantAccess,
        baseURL: String,
        _ queries: ResourceQueries
    ) {
        guard kind.membersAttribute == nil else { return nil }
        names = nil
        store = queries.directory.store
        renderer = ResourceRenderer(
            kind,
            projection,
            access: access,
            baseURL: baseURL,
            texts: queries.texts,
            isForMany: true
        )
    }

    package var kind: ResourceKind { renderer.kind }

    /// Where the resource is found that has a name, which is ASCII without control characters; nil for others, and if resources are
    /// asked for by id.
    package func key(of text: Span<UInt8>) -> Key? { names?.key(of: text) }

    /// The list of the resource that is found at a key; nil if it is too long to be written at one stretch.
    package func list(at key: Key) throws(DirectoryError) -> [UInt8]? {
        var body = Self.emptyBody
        ListResponse.begin(&body)
        var isFound = false
        let isShort = try Self.atOneStretch(store) { snapshot throws(DirectoryError) in
            var id: UniqueID?
            try snapshot.look(at: key) { row, _ in id = UniqueID(bytes: row) }
            if let id { isFound = try Self.append(id, renderer, snapshot, to: &body) != nil }
        }
        guard isShort, body.count <= QueryMemory.ownAnswerBytes else { return nil }
        body += isFound ? Self.endOfOne : Self.endOfNone
        return body
    }

    /// What the locations of all resources begin with; their ids follow.
    package var locationBeginning: String {
        let location = renderer.location(of: UniqueID(high: 0, low: 0), renderer.kind)
        return String(location.dropLast(UniqueID.textByteCount))
    }

    /// A resource and its version; nil if there is none, or if it is too long to be written at one stretch.
    package func resource(_ id: UniqueID) throws(DirectoryError) -> (body: [UInt8], version: CommitVersion)? {
        try Self.written(id, renderer, store)
    }

    static func resource(
        _ id: UniqueID,
        left: ChangedResource? = nil,
        _ renderer: ResourceRenderer,
        _ store: any Store
    ) throws(DirectoryError) -> (body: [UInt8], version: CommitVersion, location: String)? {
        guard let (body, version) = try written(id, left: left, renderer, store) else { return nil }
        return (body, version, renderer.location(of: id, renderer.kind))
    }

    private static func written(
        _ id: UniqueID,
        left: ChangedResource? = nil,
        _ renderer: ResourceRenderer,
        _ store: any Store
    ) throws(DirectoryError) -> (body: [UInt8], version: CommitVersion)? {
        var body = emptyBody
        var version: CommitVersion?
        let isShort = try atOneStretch(store) { snapshot throws(DirectoryError) in
            version = try append(id, left: left, renderer, snapshot, to: &body)
        }
        guard isShort, let version, body.count <= QueryMemory.ownAnswerBytes else { return nil }
        return (body, version)
    }

    private static let endOfOne = end(of: 1)
    private static let endOfNone = end(of: 0)

    /// What stands behind the resource of a list, if there is one.
    private static func end(of count: Int) -> [UInt8] {
        var end: [UInt8] = []
        ListResponse.end(&end, totalResults: count, startIndex: 1, itemsPerPage: count)
        return end
    }

    private static var emptyBody: [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(2_048)
        return body
    }

    /// Reads one state; false if that takes too long for a loop.
    private static func atOneStretch(
        _ store: any Store,
        _ body: (borrowing Snapshot) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> Bool {
        do throws(DirectoryError) {
            try store.lending(body)
            return true
        } catch .tooLongForLoop {
            return false
        }
    }

    /// Writes a resource; nil if there is none.
    private static func append(
        _ id: UniqueID,
        left: ChangedResource? = nil,
        _ renderer: ResourceRenderer,
        _ snapshot: borrowing Snapshot,
        to body: inout [UInt8]
    ) throws(DirectoryError) -> CommitVersion? {
        guard let head = try renderer.appendHead(of: id, left: left, from: snapshot, to: &body) else {
            return nil
        }
        body.append(UInt8(ascii: "}"))
        return head.version
    }
}
