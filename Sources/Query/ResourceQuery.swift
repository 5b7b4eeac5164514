import Directory
import JSON
import SCIM
import Storage
import Tenancy

/// What a client wants to read: one resource, or the page of those that match a filter.
///
/// A reference type, as its parts are, because every step of a run passes it along.
package final class ResourceQuery: Sendable {
    /// What the query asks of one resource type.
    package final class Part: Sendable {
        package let kind: ResourceKind
        package let projection: AttributeProjection
        /// Nil if all resources of the type match.
        package let filter: BoundFilter?
        /// Nil if the list stands in the order of its types and ids.
        package let sort: BoundSortOrder?

        package init(
            kind: ResourceKind,
            projection: AttributeProjection,
            filter: BoundFilter? = nil,
            sort: BoundSortOrder? = nil
        ) {
            self.kind = kind
            self.projection = projection
            self.filter = filter?.isAlways == true ? nil : filter
            self.sort = sort
        }

        /// The same with another filter.
        package func with(_ filter: BoundFilter) -> Part {
            Part(kind: kind, projection: projection, filter: filter, sort: sort)
        }
    }

    /// A list response (RFC 7644 §3.4.2): the matching resources from `startIndex` (1 is the first) or from a cursor's
    /// position on, at most `count`.
    package struct Page: Sendable {
        /// A page by cursor (RFC 9865), and what makes the cursors of the pages beside it.
        package final class Cursor: Sendable {
            let cursors: ListCursors
            let position: ListPosition

            package init(_ cursors: ListCursors, at position: ListPosition) {
                self.cursors = cursors
                self.position = position
            }
        }

        package let startIndex: Int
        package let count: Int
        /// Nil if the list is not sorted.
        package let direction: SortOrder.Direction?
        /// How far into a sorted list a page by index may lie.
        package let sortedResultsMax: Int
        /// Nil for a page by index.
        package let cursor: Cursor?

        package init(
            startIndex: Int,
            count: Int,
            direction: SortOrder.Direction? = nil,
            sortedResultsMax: Int,
            cursor: Cursor? = nil
        ) {
            self.startIndex = startIndex
            self.count = count
            self.direction = direction
            self.sortedResultsMax = sortedResultsMax
            self.cursor = cursor
        }
    }

    /// Some of a resource's members, in the order of their ids.
    package struct MembersPage: Sendable {
        /// The first that may be shown; nil for the first of all.
        let start: UniqueID?
        /// At least 1.
        let count: Int

        package init(from start: UniqueID?, count: Int) {
            self.start = start
            self.count = count
        }
    }

    enum Selection: Sendable {
        /// Exactly this resource; the answer is the resource itself.
        case resource(UniqueID)
        case page(Page)
    }

    package let access: TenantAccess
    let baseURL: String
    let selection: Selection
    /// Which members are shown of the one resource asked for; nil for all.
    let members: MembersPage?
    let first: Part
    private let further: [Part]

    /// Asks for one resource; `baseURL`: the Tenant URL without a slash at its end.
    package init(
        _ id: UniqueID,
        of kind: ResourceKind,
        access: TenantAccess,
        baseURL: String,
        projection: AttributeProjection,
        members: MembersPage? = nil
    ) {
        self.access = access
        self.baseURL = baseURL
        first = Part(kind: kind, projection: projection)
        further = []
        selection = .resource(id)
        self.members = members
    }

    /// Asks for resources of one type, and then of further ones; nearly every query is about one alone.
    package init(
        _ part: Part,
        _ furtherParts: [Part],
        access: TenantAccess,
        baseURL: String,
        page: Page
    ) {
        self.access = access
        self.baseURL = baseURL
        first = part
        further = furtherParts
        selection = .page(page)
        members = nil
    }

    var tenant: UInt32 { access.tenant.number }

    /// The part at an index, in the order in which they are looked at; nil behind the last one.
    func part(_ index: Int) -> Part? {
        index == 0 ? first : index <= further.count ? further[index - 1] : nil
    }
}

/// The plan for a query: which resources are looked at.
enum QueryPlan {
    /// These and no others can match, in the order of their ids: an index named them. If they all do, the filter need
    /// not be evaluated.
    case candidates([UniqueID], allMatch: Bool)
    /// All resources of the kind, in the order of their ids, which is the order of their creation.
    case all

    /// More candidates than this are not worth a list of their own.
    private static let candidatesMax = 10_000

    init(
        _ part: ResourceQuery.Part,
        of query: ResourceQuery,
        environment: DirectoryEnvironment,
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        self = .all
        if case .resource(let id) = query.selection {
            self = .candidates([id], allMatch: true)
            return
        }
        guard let filter = part.filter else { return }
        guard !filter.isNever else {
            self = .candidates([], allMatch: true)
            return
        }
        for equality in filter.equalities {
            if let ids = try Self.lookUp(equality, part.kind, query, environment, pace, snapshot) {
                self = .candidates(ids, allMatch: filter.isOneEquality)
                return
            }
        }
        for alternative in filter.alternatives {
            if let ids = try Self.lookUp(alternative, part.kind, query, environment, pace, snapshot) {
                self = .candidates(ids, allMatch: false)
                return
            }
        }
    }

    /// The resources that indexes name for one of the terms of an `or`; nil if some term has no index, or they are too many.
    private static func lookUp(
        _ terms: [[BoundFilter.Equality]],
        _ kind: ResourceKind,
        _ query: ResourceQuery,
        _ environment: DirectoryEnvironment,
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID]? {
        var ids: Set<UniqueID> = []
        for equalities in terms {
            var found: [UniqueID]?
            for equality in equalities where found == nil {
                found = try lookUp(equality, kind, query, environment, pace, snapshot)
            }
            guard let found else { return nil }
            ids.formUnion(found)
            guard ids.count <= candidatesMax else { return nil }
        }
        return ids.sorted()
    }

    /// The resources that an index names for an equality; nil if no index covers the attribute.
    private static func lookUp(
        _ equality: BoundFilter.Equality,
        _ kind: ResourceKind,
        _ query: ResourceQuery,
        _ environment: DirectoryEnvironment,
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID]? {
        let attribute = equality.attribute
        if attribute.container == nil, attribute.subAttribute?.name == "value",
            let ids = try lookUpEdges(attribute.attribute, equality.text, kind, query, pace, snapshot)
        {
            return ids
        }
        if attribute.attribute === CommonAttributes.id {
            return UniqueID(text: equality.text).map { [$0] } ?? []
        }
        return try snapshot.resources(
            having: equality.text,
            as: attribute,
            tenant: query.tenant,
            kind: kind,
            limit: candidatesMax,
            environment
        )
    }

    /// The resources at the other end of a group's or a member's edges; nil if the attribute is no such thing.
    private static func lookUpEdges(
        _ attribute: AttributeDefinition,
        _ text: String,
        _ kind: ResourceKind,
        _ query: ResourceQuery,
        _ pace: WorkPace,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) -> [UniqueID]? {
        let tenant = query.tenant
        if attribute === kind.groupsAttribute {
            guard let group = UniqueID(text: text), let holder = query.access.kinds.holder,
                let set = try snapshot.membershipSet(of: group, tenant: tenant, holder: holder.code)
            else { return [] }
            let members = try snapshot.members(ofSet: set, space: tenant, from: nil, limit: candidatesMax + 1)
                .edges
            return members.count > candidatesMax ? nil : members.filter { $0.kind == kind.code }.map(\.member)
        }
        if attribute === kind.membersAttribute {
            guard let member = UniqueID(text: text) else { return [] }
            return try snapshot.groups(of: member, tenant: tenant, holder: kind.code, pace).map(\.id)
        }
        return nil
    }
}
