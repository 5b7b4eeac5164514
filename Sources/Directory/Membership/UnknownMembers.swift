import SCIM
import Storage

/// Values of a request that are not ids of anybody in the tenant.
struct UnknownMembers: Sendable {
    /// The first of those that have the form of an id, in ascending order.
    private var first: [UniqueID] = []
    private var idCount = 0
    /// Texts of another form; they may be personal, so that only their number is told.
    private var textCount = 0

    /// Ids that a refusal names; of others it tells the number.
    static let namedMax = 50

    var count: Int { idCount + textCount }

    mutating func add(_ id: UniqueID) {
        idCount += 1
        if first.count < Self.namedMax { first.append(id) }
    }

    mutating func addText() { textCount += 1 }

    var refusal: SCIMError {
        var parts: [String] = []
        if idCount > 0 {
            let more = idCount - first.count
            parts.append(first.map(\.text).joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""))
        }
        if textCount > 0 {
            parts.append(textCount == 1 ? "1 value that is no id" : "\(textCount) values that are no ids")
        }
        return SCIMError(
            .invalidValue,
            "The values of members are ids of users and groups of this tenant; these are not: "
                + parts.joined(separator: ", and ") + "."
        )
    }
}
