import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `POST /tenants/NAME/rehearsals`: what `client` would be answered, request by request.
    ///
    /// Nil if the path is another one.
    func rehearse(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post, path.count == 3, path[0] == "tenants", path[2] == "rehearsals" else {
            return nil
        }
        let client = input.text("client") ?? ""
        guard let script = RehearsalScript.all.first(where: { $0.client == client }) else {
            let clients = RehearsalScript.all.map(\.client).joined(separator: ", ")
            throw .invalidBody("The client is one of \(clients).")
        }
        let access = try administration.access(to: path[1], by: actor)
        guard let turn = rehearsalTurns.hold(access) else { throw .conflict }
        defer { withExtendedLifetime(turn) {} }
        let definition = try administration.definition(of: path[1])
        try await administration.noteRehearsal(of: path[1], by: actor)
        return AdminMessage.json(.ok, .object(try await rehearsals.play(script, tenant: path[1], definition)))
    }
}
