import HTTP
import Query
import SCIM
import Storage

/// Pages within the members of one resource, which no RFC has: `?membersCursor=` asks for the first, `membersCount` says how long.
///
/// A cursor is the id of the member that the next page begins with, or that would follow it if that has left; so that whoever
/// stays is shown once, while others come and go. Each page has the version that the resource had then.
enum MembersCursor {
    static let countMax = 10_000
    static let usualCount = 1_000

    /// Tells the cursor of the next page; missing behind the last member.
    static let nextField = FieldName("Members-Next-Cursor")

    /// What a target asks for; nil if it is no page.
    ///
    /// - Throws: `invalidCursor` for what is no cursor, `invalidCount` for what is no positive number.
    static func page(_ target: Target) throws(Refusal) -> ResourceQuery.MembersPage? {
        var (cursor, count): (String?, String?)
        for item in target.queryItems {
            switch item.name {
            case "membersCursor": cursor = cursor ?? item.value
            case "membersCount": count = count ?? item.value
            default: break
            }
        }
        guard let cursor else { return nil }
        let start = UniqueID(text: cursor)
        guard cursor.isEmpty || start != nil else {
            throw Refusal(
                SCIMError(
                    .invalidCursor,
                    "The membersCursor is none that was given. Begin again with an empty one."
                )
            )
        }
        guard let count else { return ResourceQuery.MembersPage(from: start, count: usualCount) }
        guard let number = Int(count), number > 0 else {
            throw Refusal(SCIMError(.invalidCount, "The parameter membersCount must be a positive integer."))
        }
        return ResourceQuery.MembersPage(from: start, count: min(number, countMax))
    }
}
