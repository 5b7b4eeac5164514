import ArgumentParser
import Audit
import Storage

/// Which records are asked for.
struct TrailSelection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only records of this tenant; _system for those of the server itself.",
            valueName: "name"
        )
    )
    var tenant: String?

    @Option(
        help: ArgumentHelp(
            "Only records about the user with this id, and about groups that it came into or left.",
            valueName: "id"
        )
    )
    var user: UniqueIDArgument?

    @Option(help: ArgumentHelp("Only records about the group with this id.", valueName: "id"))
    var group: UniqueIDArgument?

    @Option(help: ArgumentHelp("Only records of the request with this id (Request-Id).", valueName: "id"))
    var request: String?

    /// What all records have that are asked for, as the journal finds it.
    var matches: [String] {
        [tenant.map { "SCIM_STREAM=\($0)" }, request.map { "SCIM_REQUEST_ID=\($0)" }].compactMap { $0 }
    }

    /// Of what else they have one.
    var alternatives: [String] {
        guard let id = user ?? group else { return [] }
        return ["SCIM_TARGET_ID", "SCIM_MEMBER_ADDED", "SCIM_MEMBER_REMOVED"].map { "\($0)=\(id.text)" }
    }

    func validate() throws {
        if user != nil, group != nil { throw ValidationError("Ask for a user or for a group.") }
    }

    /// Whether an entry is asked for; of a journal only those come that match.
    func admits(_ entry: JournalEntry) -> Bool {
        guard entry.value("SCIM_SEQ") != nil else { return false }
        guard !matches.isEmpty || !alternatives.isEmpty else { return true }
        let fields = entry.fields.map { "\($0.name)=\($0.value)" }
        let others = alternatives
        return matches.allSatisfy { fields.contains($0) }
            && (others.isEmpty || others.contains { fields.contains($0) })
    }
}

/// The id of a resource as an argument.
struct UniqueIDArgument: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard let id = UniqueID(text: argument.lowercased()) else { return nil }
        text = id.text
    }
}
