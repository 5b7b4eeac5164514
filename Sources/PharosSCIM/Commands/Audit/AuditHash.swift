import ArgumentParser
import HTTP
import JSON

/// Prints by what a name is found in the trail.
struct AuditHash: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash",
        abstract: "Print by what a user's or group's name is found in the audit trail.",
        discussion: """
            Records hold no names. Of a tenant with `tenant set-audit-identifiers acme hmac` they hold keyed digests of them: \
            of userName (users) and displayName (groups) as SCIM_TARGET_NAME_HMAC, of externalId as SCIM_TARGET_EXTERNAL_HMAC. \
            The key is the tenant's own. What is printed goes behind journalctl as it is. A name of - is read from standard \
            input, so that no list of processes shows it.

            Example:
              pharos-scim audit hash --tenant acme userName bjensen@example.com
            """
    )

    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String

    @Argument(help: "Of which attribute the name is: userName, displayName or externalId.")
    var attribute: String

    @Argument(help: "The name, or - to read it from standard input.")
    var name: String

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !tenant.isEmpty else { throw ValidationError("--tenant is the name of a tenant.") }
    }

    func run() async throws {
        let name = name == "-" ? (readLine(strippingNewline: true) ?? "") : name
        let body = JSONObject(uniqueMembers: [
            .init(name: "attribute", value: .string(attribute)), .init(name: "name", value: .string(name)),
        ])
        try await data.send(.post, "/tenants/\(tenant.escaped)/audit-hash", body).show(output) { reply in
            Terminal.show("\(reply.text("field"))=\(reply.text("hash"))")
        }
    }
}
