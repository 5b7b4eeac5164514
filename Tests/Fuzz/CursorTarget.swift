import Audit
import JSON
import SCIM
import Storage
import TLS

@testable import Query
@testable import Tenancy

/// A cursor leads to the place that it was made for, and nothing else is a cursor.
enum CursorTarget {
    private static let now = Timestamp(microseconds: 1_795_000_000_000_000)
    private static let lifetimeSeconds = 600
    private static let own = cursors(token: "a", at: now)
    private static let foreign = cursors(token: "b", at: now)
    private static let later = cursors(
        token: "a",
        at: Timestamp(microseconds: now.microseconds + 600_000_001)
    )
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    static func check(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if !text.isEmpty { hold((try? own.position(text)) == nil, "nobody writes a cursor by hand") }
        if let content = Base64URL.bytes(text) {
            hold(Base64URL.text(content) == text, "bytes have one text")
        }
        hold(Base64URL.bytes(Base64URL.text(bytes)) == bytes, "a text has its bytes")
        checkPlace(bytes)
    }

    /// The input as a place: direction, part, id, sort key.
    private static func checkPlace(_ bytes: [UInt8]) {
        guard bytes.count >= 2 + UniqueID.byteCount,
            let id = UniqueID(bytes: Array(bytes[2..<(2 + UniqueID.byteCount)]).span)
        else { return }
        let key = SortKey(bytes: Array(bytes.dropFirst(2 + UniqueID.byteCount).prefix(SortKey.bytesMax)))
        let place = ListPlace(key: key, part: Int(bytes[1]), id: id)
        let isBackward = bytes[0] % 2 == 1
        let position = ListPosition(edge: isBackward ? .before(place) : .after(place))
        guard let text = own.text(position) else { return hold(false, "a place has a cursor") }
        hold(text.utf8.count <= ListCursors.textBytesMax, "a cursor is within its limit")
        guard let opened = try? own.position(text), let found = opened.place else {
            return hold(false, "a cursor opens")
        }
        hold(opened.isBackward == isBackward, "a cursor keeps its direction")
        hold(found.key == key && found.part == place.part && found.id == id, "a cursor keeps its place")

        hold((try? foreign.position(text)) == nil, "a cursor belongs to a token")
        hold((try? later.position(text)) == nil, "a cursor ends")
        var numbers = InputNumbers(bytes)
        for _ in 0..<3 {
            var changed = Array(text.utf8)
            let index = numbers.next(below: changed.count)
            let before = changed[index]
            changed[index] = letters[numbers.next(below: letters.count)]
            guard changed[index] != before else { continue }
            let other = String(decoding: changed, as: UTF8.self)
            hold((try? own.position(other)) == nil, "a cursor that was changed is none: \(text) \(other)")
            let short = String(decoding: changed[..<index], as: UTF8.self)
            hold(short.isEmpty || (try? own.position(short)) == nil, "a part of a cursor is none")
        }
    }

    private static func cursors(token: String, at time: Timestamp) -> ListCursors {
        ListCursors(
            key: CursorKey(bytes: Array(0..<UInt8(CursorKey.byteCount))),
            parameters: QueryParameters(),
            kinds: ResourceKinds.core.all,
            access: TenantAccess(
                tenant: Tenant(name: "acme", number: 1, created: now, isSCIMEnabled: true),
                tokenID: token,
                actor: .client(nil),
                kinds: .core
            ),
            lifetimeSeconds: lifetimeSeconds,
            DirectoryEnvironment(
                now: { time },
                randomness: { (0, 0) },
                sha256: { Digest.sha256($0) },
                constantTimeEquals: { Digest.constantTimeEquals($0, $1) },
                seal: { Sealing.seal($0, key: $1, context: $2) },
                open: { Sealing.open($0, key: $1, context: $2) }
            )
        )
    }
}
