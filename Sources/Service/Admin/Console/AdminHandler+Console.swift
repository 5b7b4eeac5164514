import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `POST /console-links`, `/console-links/redeem`, `/console-links/console` and `/console-sign-ins`: how people get into the
    /// console and out of it.
    ///
    /// Nil if the path is another one.
    func performOnConsole(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post else { return nil }
        switch path {
        case ["console-links"]: return try await makeLink(input, actor)
        case ["console-links", "redeem"]: return try await redeem(input)
        case ["console-links", "console"]:
            consoleLinks.note(consoleURL: input.text("url") ?? "")
            return AdminMessage.json([])
        case ["console-sign-ins"]:
            try await noteSignIn(input, request.fields[.person] == nil ? nil : actor)
            return AdminMessage.json([])
        default: return nil
        }
    }

    private func makeLink(
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response {
        let minutes = input.integer("minutes") ?? 15
        guard ConsoleLinks.minutes.contains(minutes) else {
            throw .invalidBody("A link is good for 1 to \(ConsoleLinks.minutes.upperBound) minutes.")
        }
        let role = try input.role() ?? .owner
        let tenant = try input.text("tenant").map { name throws(AdministrationError) in
            try administration.tenant(name)
        }
        let expires = consoleLinks.end(in: minutes)
        try await administration.noteLink(to: tenant?.name, role: role, until: expires, by: actor)
        let secret = consoleLinks.make(
            for: tenant,
            role: role,
            by: actor.id?.text ?? "operator",
            until: expires
        )
        let url = consoleLinks.consoleURL
        return AdminMessage.json(
            .created,
            .object(
                AdminMessage.object([
                    .init("path", .string("/link/\(secret)")),
                    .init("url", url.isEmpty ? .null : .string("\(url)/link/\(secret)")),
                    .init("expires", .string(expires.text)),
                ])
            )
        )
    }

    /// Uses a link up, for a browser at an address, and records who is let in by it.
    private func redeem(_ input: AdminInput) async throws(AdministrationError) -> Response {
        let address = try input.address()
        guard let link = consoleLinks.redeem(input.text("secret") ?? ""),
            try link.tenant.map({ name throws(AdministrationError) in
                try administration.tenant(name).number == link.tenantNumber
            }) ?? true
        else {
            pipeline?.trail.noteSignIn(.unknown, to: nil, from: address)
            return AdminMessage.error(.notThere, .notFound, "The link was used already, or its time is over.")
        }
        let person = "link.\(link.maker)"
        try await administration.noteSignIn(
            to: link.tenant,
            by: .link,
            role: link.role,
            of: .admin(AuditSlug(person: person)),
            from: address
        )
        return AdminMessage.json([
            .init("tenant", link.tenant.map(JSONValue.string) ?? .null),
            .init("role", .string(link.role.rawValue)),
            .init("by", .string(link.maker)),
            .init("person", .string(person)),
        ])
    }

    /// Records what the console tells of a sign-in by an identity provider, or of a sign-out.
    ///
    /// `person`: nil if the console names nobody.
    private func noteSignIn(_ input: AdminInput, _ person: AuditActor?) async throws(AdministrationError) {
        let tenant = input.text("tenant")
        let address = try input.address()
        switch (input.text("outcome"), person) {
        case ("signedIn", let person?):
            guard let role = try input.role() else { throw .invalidBody("Who signs in has a role.") }
            try await administration.noteSignIn(
                to: tenant,
                by: .provider,
                role: role,
                of: person,
                from: address
            )
        case ("noRole", let person?):
            try await administration.noteSignIn(
                to: tenant,
                by: .provider,
                role: nil,
                of: person,
                from: address
            )
        case ("signedOut", let person?):
            try await administration.noteSignOut(of: person, from: tenant, address: address)
        case ("refused", nil):
            let slug = try tenant.map { name throws(AdministrationError) in
                try administration.versioned(name).slug
            }
            pipeline?.trail.noteSignIn(.provider, to: slug, from: address)
        default:
            throw .invalidBody(
                "outcome is signedIn, noRole or signedOut of a person who is named, or refused of nobody."
            )
        }
    }
}

extension AdminInput {
    /// What somebody may do in the console; nil if the body does not say.
    fileprivate func role() throws(AdministrationError) -> AuditRole? {
        guard let word = text("role") else { return nil }
        guard let role = AuditRole(rawValue: word) else {
            throw .invalidBody("The role is one of \(ConsoleLinks.roles.joined(separator: ", ")).")
        }
        return role
    }

    /// The address of somebody's browser; nil if the body has none.
    fileprivate func address() throws(AdministrationError) -> AuditAddress? {
        guard let text = text("address") else { return nil }
        guard let address = AuditAddress(text) else {
            throw .invalidBody("address is an IP address.")
        }
        return address
    }
}
