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
        /// The filter as it was asked for, by which the list is known again; nil if there is none, or it is not to be known.
        let text: String?
        /// Whether the stored bytes of a resource tell whether it matches.
        let readsStored: Bool

        package init(
            kind: ResourceKind,
            projection: AttributeProjection,
            filter: BoundFilter? = nil,
            sort: BoundSortOrder? = nil,
            text: String? = nil
        ) {
            self.text = text
            self.kind = kind
            self.projection = projection
            self.filter = filter?.isAlways == true ? nil : filter
            self.sort = sort
            readsStored = self.filter?.looksAtStoredAlone(derived: kind.derivedAttributes) ?? false
        }

        /// The same with another filter, which looks at the same attributes.
        private init(_ other: Part, filter: BoundFilter) {
            kind = other.kind
            projection = other.projection
            sort = other.sort
            readsStored = other.readsStored
            text = nil
            self.filter = filter
        }

        /// Those of the same resources that have no value of an attribute.
        func missing(_ names: [String]) -> Part {
            Part(
                kind: kind,
                projection: projection,
                filter: .absence(of: names, in: filter),
                sort: sort
            )
        }

        /// The same with another filter, which looks at the same attributes.
        package func with(_ filter: BoundFilter) -> Part { Part(self, filter: filter) }
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

    /// The kind that is asked for, or the first one of several.
    package var kind: ResourceKind { first.kind }

    /// What the resources have to match; nil if all of them do.
    package var filter: BoundFilter? { first.filter }

    /// Which resource is asked for; nil for a list.
    package var resourceID: UniqueID? { if case .resource(let id) = selection { id } else { nil } }

    /// The part at an index, in the order in which they are looked at; nil behind the last one.
    func part(_ index: Int) -> Part? {
        index == 0 ? first : index <= further.count ? further[index - 1] : nil
    }
}
