import JSON
import SCIM
import Storage
import Tenancy

/// Makes and reads the cursors of one query of one token (RFC 9865).
///
/// ```
/// cursor = base64url( sealed( 1 ‖ direction ‖ expiry ‖ part ‖ id ‖ sort key ) )
///                       ▲ opens only with: the store's key, the tenant, the token, the query
/// ```
/// Nothing is kept between pages. A cursor is sealed because a sort key holds part of an attribute's value, and URLs are
/// logged; it grants nothing, since every page passes the same gates as the first one.
package struct ListCursors: Sendable {
    /// Characters of a cursor at most.
    package static let textBytesMax = 512

    private static let version: UInt8 = 1

    /// Follows from the store's key and the context, so that no key comes near the number of messages that it may seal.
    private let key: [UInt8]
    /// What a cursor belongs to; another token, tenant or query cannot open it.
    private let context: [UInt8]
    private let lifetimeSeconds: Int
    private let environment: DirectoryEnvironment

    init(
        key storeKey: CursorKey,
        parameters: QueryParameters,
        kinds: [ResourceKind],
        access: TenantAccess,
        lifetimeSeconds: Int,
        _ environment: DirectoryEnvironment
    ) {
        self.lifetimeSeconds = lifetimeSeconds
        self.environment = environment
        var query: [UInt8] = []
        query.appendBigEndian(access.tenant.number)
        query.append(access.tokenID ?? "")
        query.append(kinds.map { String($0.code) }.joined(separator: ","))
        query.append(parameters.filter)
        query.append(parameters.sort?.attribute)
        query.append(parameters.sort?.direction.rawValue)
        query.append(parameters.count.map(String.init))
        query.append(parameters.attributes?.joined(separator: ","))
        query.append(parameters.excludedAttributes?.joined(separator: ","))
        context = environment.sha256(query.span)
        key = environment.sha256((storeKey.bytes + context).span)
    }

    // MARK: Reading

    /// The position that a cursor stands for; an empty one for the first page.
    ///
    /// - Throws: `expiredCursor`, or `invalidCursor` for whatever was not made for this query, tenant and token.
    package func position(_ text: String) throws(DirectoryError) -> ListPosition {
        guard !text.isEmpty else { return .start }
        let invalid = SCIMError(
            .invalidCursor,
            "The cursor is none of this query's. Begin again with an empty cursor."
        )
        guard text.utf8.count <= Self.textBytesMax, let sealed = Base64URL.bytes(text),
            let content = environment.open(sealed, key, context),
            let (position, expires) = Self.decode(content.span)
        else { throw .rejected(invalid) }
        guard environment.now() < expires else {
            throw .rejected(
                SCIMError(
                    .expiredCursor,
                    "The cursor was good for \(lifetimeSeconds) seconds. Begin again with an empty cursor."
                )
            )
        }
        return position
    }

    private static func decode(_ content: Span<UInt8>) -> (ListPosition, expires: Timestamp)? {
        var reader = RowReader()
        guard reader.integer(UInt8.self, in: content) == version,
            let direction = reader.integer(UInt8.self, in: content),
            let expires = reader.integer(Int64.self, in: content),
            let part = reader.integer(UInt8.self, in: content),
            let id = reader.bytes(UniqueID.byteCount, in: content).flatMap({ UniqueID(bytes: $0.span) }),
            let key = reader.bytes(content.count - reader.offset, in: content)
        else { return nil }
        let place = ListPlace(key: SortKey(bytes: key), part: Int(part), id: id)
        let edge: ListPosition.Edge = direction == 0 ? .after(place) : .before(place)
        return (ListPosition(edge: edge), Timestamp(microseconds: expires))
    }

    // MARK: Making

    /// The cursor of a position; nil for the first page, which needs none.
    func text(_ position: ListPosition) -> String? {
        guard let place = position.place else { return nil }
        let expires = environment.now().microseconds + Int64(lifetimeSeconds) * 1_000_000
        var content: [UInt8] = [Self.version, position.isBackward ? 1 : 0]
        content.appendBigEndian(expires)
        // A tenant has fewer resource types than a byte counts.
        content.append(UInt8(truncatingIfNeeded: place.part))
        place.id.append(bytesTo: &content)
        content += place.key.bytes
        return Base64URL.text(environment.seal(content, key, context))
    }
}

extension [UInt8] {
    /// Appends a text so that no two lists of texts come to the same bytes; nil differs from an empty one.
    fileprivate mutating func append(_ text: String?) {
        guard let text else { return append(0) }
        append(1)
        appendBigEndian(UInt32(truncatingIfNeeded: text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
