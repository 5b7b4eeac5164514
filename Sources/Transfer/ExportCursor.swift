import Storage

/// Where an export goes on: resources of one type after the other in the order of their ids, then members.
///
/// Its text is `TYPE`, `TYPE:ID`, `members` or `members:ID:MEMBER`: the place of what comes next.
struct ExportCursor: Equatable {
    enum Place: Equatable {
        /// A resource of the kind with this code, or the first one.
        case resource(kind: UInt8, UniqueID?)
        /// A group's member, or the first one of all.
        case member(UniqueID?, UniqueID?)
    }

    let place: Place

    init(_ place: Place) { self.place = place }

    /// Nil if the text is no cursor.
    init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var ids: [UniqueID] = []
        for part in parts.dropFirst() {
            guard let id = UniqueID(text: part) else { return nil }
            ids.append(id)
        }
        if parts[0] == Self.members, ids.count <= 2 {
            place = .member(ids.first, ids.dropFirst().first)
        } else if let kind = UInt8(parts[0]), ids.count <= 1 {
            place = .resource(kind: kind, ids.first)
        } else {
            return nil
        }
    }

    private static let members = "members"

    var text: String {
        switch place {
        case .resource(let kind, let id): Self.joined(String(kind), [id])
        case .member(let group, let member): Self.joined(Self.members, [group, member])
        }
    }

    private static func joined(_ place: String, _ ids: [UniqueID?]) -> String {
        ([place] + ids.compactMap { $0?.text }).joined(separator: ":")
    }
}
