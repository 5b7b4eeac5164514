import Directory
import JSON
import Tenancy

/// The answers to administrative commands as an operator reads them.
enum AdminText {
    static func tenant(_ tenant: JSONObject) { self.tenant(tenant, created: false) }

    static func tenant(_ tenant: JSONObject, created: Bool) {
        let name = tenant.text("name")
        let isEnabled = tenant["scimEnabled"] == .bool(true)
        let clients = tenant.list("clients").compactMap(\.text)
        Terminal.table(
            [
                ["Tenant", name],
                ["Tenant URL", tenant.text("tenantURL")],
                ["SCIM", isEnabled ? "enabled" : "disabled" + requested(tenant, "; ")],
                ["Created", tenant.text("created")],
                ["Token", tokenEnd(of: tenant)],
            ]
                + TenantSetting.all.map { [$0.title, tenant.text($0.name)] }
                + [["Clients seen", clients.isEmpty ? "none recognised" : clients.joined(separator: ", ")]]
                + counts(of: tenant).map { [$0.plural, $0.count] }
        )
        ignoredAttributes(of: tenant)
        for message in tenant.list("tokenMessages").compactMap(\.text) {
            Terminal.show("")
            Terminal.show(message)
        }
        if created {
            Terminal.show("")
            Terminal.show("Next: pharos-scim tenant enable-scim \(name)")
            Terminal.show("      pharos-scim token generate \(name)")
        }
    }

    /// How long the tenant's token is good, in days.
    private static func tokenEnd(of tenant: JSONObject) -> String {
        guard let token = tenant["token"]?.object, case .number(let number)? = token["daysLeft"],
            let days = number.int64
        else { return "none" }
        return days <= 0 ? "expired" : days == 1 ? "1 day left" : "\(days) days left"
    }

    /// What the tenant's clients send to no effect, if there is anything.
    private static func ignoredAttributes(of tenant: JSONObject) {
        func row(_ name: [String], _ sightings: JSONObject) -> [String] {
            name + [sightings.number("count"), sightings.text("since"), sightings.text("last")]
        }
        var rows = tenant.list("ignoredAttributes").compactMap(\.object).map {
            row([$0.text("type"), $0.text("attribute")], $0)
        }
        if let others = tenant["otherIgnoredAttributes"]?.object { rows.append(row(["", "others"], others)) }
        guard !rows.isEmpty else { return }
        Terminal.show("")
        Terminal.show("Ignored, as no schema defines them, or as nobody has such an id:")
        Terminal.table([["TYPE", "ATTRIBUTE", "TIMES", "FIRST SEEN", "LAST SEEN"]] + rows)
    }

    static func tenants(_ reply: JSONObject) {
        let tenants = reply.list("tenants").compactMap(\.object)
        guard !tenants.isEmpty else { return Terminal.show("There are no tenants.") }
        // Tenants may have resource types that others have not.
        var types: [String] = []
        for count in tenants.flatMap(counts) where !types.contains(count.plural) {
            types.append(count.plural)
        }
        Terminal.table(
            [["TENANT", "SCIM"] + types.map { $0.uppercased() } + ["TOKEN", "TENANT URL"]]
                + tenants.map { tenant in
                    let counts = counts(of: tenant)
                    return [
                        tenant.text("name"),
                        tenant["scimEnabled"] == .bool(true)
                            ? "enabled" : tenant["scimRequested"] == nil ? "disabled" : "asked for",
                    ]
                        + types.map { type in counts.first { $0.plural == type }?.count ?? "-" }
                        + [tokenEnd(of: tenant), tenant.text("tenantURL")]
                }
        )
        for tenant in tenants where tenant["scimRequested"] != nil {
            Terminal.show("")
            Terminal.show(
                "\(tenant.text("name"))\(requested(tenant, ": ")). To enable it: pharos-scim tenant enable-scim \(tenant.text("name"))"
            )
        }
    }

    /// That SCIM was asked for, if it was.
    private static func requested(_ tenant: JSONObject, _ separator: String) -> String {
        guard let requested = tenant["scimRequested"]?.object else { return "" }
        return "\(separator)SCIM asked for on \(requested.text("time")) by \(actor(requested["by"]))"
    }

    static func schemas(_ reply: JSONObject) {
        let schemas = reply.list("schemas").compactMap(\.object)
        guard !schemas.isEmpty else { return Terminal.show("The tenant has no schemas of its own.") }
        Terminal.table(
            [["SCHEMA", "NAME", "RESOURCE TYPES"]]
                + schemas.map { schema in
                    let types = schema.list("resourceTypes").compactMap(\.text).joined(separator: ", ")
                    return [schema.text("id"), schema.text("name"), types]
                }
        )
    }

    static func resourceTypes(_ reply: JSONObject) {
        let types = reply.list("resourceTypes").compactMap(\.object)
        guard !types.isEmpty else { return Terminal.show("The tenant has no resource types of its own.") }
        Terminal.table(
            [["RESOURCE TYPE", "ENDPOINT", "SCHEMA", "EXTENSIONS"]]
                + types.map { type in
                    let extensions = type.list("schemaExtensions").compactMap { $0.object?.text("schema") }
                    return [
                        type.text("name"), type.text("endpoint"), type.text("schema"),
                        extensions.joined(separator: ", "),
                    ]
                }
        )
    }

    static func indexes(_ reply: JSONObject) {
        let indexes = reply.list("indexes").compactMap(\.object)
        guard !indexes.isEmpty else { return Terminal.show("The tenant has no indexes of its own.") }
        Terminal.table(
            [["NUMBER", "RESOURCE TYPE", "ATTRIBUTE", "STATE"]]
                + indexes.map { index in
                    [
                        "\(index.integer("number"))", index.text("resourceType"), index.text("attribute"),
                        index.text("state"),
                    ]
                }
        )
    }

    static func issued(_ reply: JSONObject) {
        Terminal.table([
            ["Tenant URL", reply.text("tenantURL")],
            ["Token", reply.text("token")],
            ["Token id", reply.text("id")],
            ["Valid until", reply.text("expires")],
        ])
        Terminal.note("The token is shown this once; the server keeps only a digest of it.")
    }

    static func tokens(_ reply: JSONObject) {
        let tokens = reply.list("tokens").compactMap(\.object)
        guard !tokens.isEmpty else { return Terminal.show("The tenant has no tokens.") }
        Terminal.table(
            [["TOKEN ID", "STATE", "CREATED", "BY", "EXPIRES", "LAST USED", "CLIENT"]]
                + tokens.map { token in
                    [
                        token.text("id"), token.text("state"), token.text("created"),
                        actor(token["createdBy"]),
                        token.text("expires"), known(token.text("lastUsed")), known(token.text("lastClient")),
                    ]
                }
        )
        for token in tokens where token["message"] != nil {
            Terminal.show("")
            Terminal.show("Token \(token.text("id")): \(token.text("message"))")
        }
    }

    private static func known(_ text: String) -> String { text.isEmpty ? "-" : text }

    /// Who did something: the user's name, or the kind of actor.
    private static func actor(_ value: JSONValue?) -> String {
        guard let actor = value?.object else { return "-" }
        let id = actor.text("id")
        return id.isEmpty ? actor.text("type") : id
    }

    private static func counts(of tenant: JSONObject) -> [(plural: String, count: String)] {
        let resources = tenant["resources"]?.object ?? JSONObject()
        return resources.members.map { ("\($0.name)s", resources.number($0.name)) }
    }
}

extension JSONValue {
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
}

extension JSONObject {
    /// The digits of a member; empty if it is no number.
    func number(_ name: String) -> String {
        if case .number(let number)? = self[name] { number.text } else { "" }
    }

    /// The object as one line.
    var line: String {
        var bytes: [UInt8] = []
        JSONValue.object(self).write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Prints the object as JSON or as text.
    func show(_ output: OutputOptions, _ text: (JSONObject) -> Void) {
        if output.json { Terminal.show(line) } else { text(self) }
    }
}
