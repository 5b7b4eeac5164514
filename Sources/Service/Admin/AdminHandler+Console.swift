import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `POST /console-links`, `/console-links/redeem` and `/console-links/console`: how people get into the console.
    ///
    /// Nil if the path is another one.
    func performOnConsole(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post, path.first == "console-links" else { return nil }
        switch path.dropFirst() {
        case []: return try makeLink(input, actor)
        case ["redeem"]:
            guard let link = consoleLinks.redeem(input.text("secret") ?? "") else {
                return AdminMessage.error(
                    .notThere,
                    .notFound,
                    "The link was used already, or its time is over."
                )
            }
            return AdminMessage.json([
                .init("tenant", link.tenant.map(JSONValue.string) ?? .null),
                .init("role", .string(link.role)),
                .init("by", .string(link.maker)),
            ])
        case ["console"]:
            consoleLinks.consoleURL = input.text("url") ?? ""
            return AdminMessage.json([])
        default: return nil
        }
    }

    private func makeLink(_ input: AdminInput, _ actor: AuditActor) throws(AdministrationError) -> Response {
        let minutes = input.integer("minutes") ?? 15
        let role = input.text("role") ?? "owner"
        guard ConsoleLinks.minutes.contains(minutes) else {
            throw .invalidBody("A link is good for 1 to \(ConsoleLinks.minutes.upperBound) minutes.")
        }
        guard ConsoleLinks.roles.contains(role) else {
            throw .invalidBody("The role is one of \(ConsoleLinks.roles.joined(separator: ", ")).")
        }
        let tenant = input.text("tenant")
        if let tenant { _ = try administration.tenant(tenant) }
        let link = consoleLinks.make(
            for: tenant,
            role: role,
            by: actor.id?.text ?? "operator",
            minutes: minutes
        )
        let url = consoleLinks.consoleURL
        return AdminMessage.json(
            .created,
            .object(
                AdminMessage.object([
                    .init("path", .string("/link/\(link.secret)")),
                    .init("url", url.isEmpty ? .null : .string("\(url)/link/\(link.secret)")),
                    .init("expires", .string(link.expires.text)),
                ])
            )
        )
    }
}
