import JSON

/// What a record of the audit trail says of a resource, as a sentence: who did what.
struct RecordSentence {
    let text: String
    /// By which client, token and request; empty if nothing of it is in the record.
    let origin: String
    let isFailure: Bool

    /// Attributes that a sentence names.
    private static let attributesMax = 8

    /// `resource`: whose story it is told in, by its id.
    init(_ record: JSONObject, in resource: String) {
        isFailure = record.text("SCIM_OUTCOME") == "failure"
        let what =
            record.text("SCIM_TARGET_ID") == resource
            ? Self.deed(record) : Self.membership(record, of: resource)
        let who = Self.actor(record)
        if isFailure {
            let reason = record.text("SCIM_REASON")
            text = "\(who) wanted to \(what.wish), and was refused\(reason.isEmpty ? "" : " (\(reason))")."
        } else {
            text = "\(who) \(what.done)\(Self.details(record))."
        }
        origin = Self.origin(record)
    }

    /// What is done, in the past and as a wish.
    struct Deed: Equatable {
        let done: String
        let wish: String

        init(_ done: String, _ wish: String) {
            self.done = done
            self.wish = wish
        }
    }

    /// The deeds that events of a resource tell of.
    static let deeds: [String: Deed] = [
        "user.create": Deed("created this user", "create this user"),
        "user.replace": Deed("replaced this user", "replace this user"),
        "user.update": Deed("changed this user", "change this user"),
        "user.activate": Deed("activated this user", "activate this user"),
        "user.deactivate": Deed("deactivated this user", "deactivate this user"),
        "user.password": Deed("sent a password, which was thrown away", "set a password"),
        "user.delete": Deed("deleted this user", "delete this user"),
        "group.create": Deed("created this group", "create this group"),
        "group.replace": Deed("replaced this group", "replace this group"),
        "group.update": Deed("changed this group", "change this group"),
        "group.members": Deed("changed the members of this group", "change the members of this group"),
        "group.delete": Deed("deleted this group", "delete this group"),
        "resource.create": Deed("created this resource", "create this resource"),
        "resource.update": Deed("changed this resource", "change this resource"),
        "resource.delete": Deed("deleted this resource", "delete this resource"),
    ]

    private static func deed(_ record: JSONObject) -> Deed {
        let event = record.text("SCIM_EVENT")
        return deeds[event] ?? Deed("left a record \(event)", "do what \(event) is")
    }

    /// A record of a group that the resource came into or left.
    private static func membership(_ record: JSONObject, of resource: String) -> Deed {
        record.texts("SCIM_MEMBER_ADDED").contains(resource)
            ? Deed("added this to a group", "add this to a group")
            : Deed("removed this from a group", "remove this from a group")
    }

    private static func actor(_ record: JSONObject) -> String {
        switch record.text("SCIM_ACTOR_TYPE") {
        case "client":
            let agent = record.text("SCIM_USER_AGENT")
            // It is the client that says so, and a client may call itself by a person's name.
            return agent.isEmpty ? "The identity provider" : "The client \(DisplayText.quoted(agent))"
        case "system": return "This service"
        case "anonymous": return "Somebody without a good token"
        default:
            let id = record.text("SCIM_ACTOR_ID")
            return id.isEmpty ? "An operator" : id
        }
    }

    /// Which attributes and how many members.
    private static func details(_ record: JSONObject) -> String {
        var parts: [String] = []
        let attributes = record.texts("SCIM_ATTR")
        let more = attributes.count - attributesMax + (Int(record.text("SCIM_ATTR_MORE")) ?? 0)
        if !attributes.isEmpty {
            let named = attributes.prefix(attributesMax).map(shortName).joined(separator: ", ")
            parts.append(more > 0 ? "\(named) and \(more) more" : named)
        }
        for (field, word) in [("SCIM_MEMBERS_ADDED", "added"), ("SCIM_MEMBERS_REMOVED", "removed")] {
            guard let count = Int(record.text(field)), count > 0 else { continue }
            parts.append("\(count) member\(count == 1 ? "" : "s") \(word)")
        }
        return parts.isEmpty ? "" : ": \(parts.joined(separator: "; "))"
    }

    /// Of an attribute in an extension, the extension's URN says less than the name.
    private static func shortName(_ path: String) -> String {
        path.hasPrefix("urn:") ? path.split(separator: ":").last.map(String.init) ?? path : path
    }

    private static func origin(_ record: JSONObject) -> String {
        [
            ("from", "SCIM_IP"), ("with the token", "SCIM_CREDENTIAL_ID"), ("request", "SCIM_REQUEST_ID"),
        ].compactMap { word, field in
            let value = record.text(field)
            return value.isEmpty ? nil : "\(word) \(value)"
        }.joined(separator: ", ")
    }
}
