import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `GET /metrics`: figures for a monitoring system, in the text format of Prometheus (version 0.0.4).
    ///
    /// Nil if the path is another one.
    func metrics(_ request: Request) throws(AdministrationError) -> Response? {
        guard request.method == .get, request.target.segments == ["metrics"] else { return nil }
        let name = "pharos_scim_token_days_left"
        var text = """
            # HELP \(name) Days until the token that a tenant's client should use ends; 0 and below after its end.
            # TYPE \(name) gauge

            """
        let now = administration.now
        for tenant in try administration.tenants() {
            let standings = try administration.standings(of: tenant.name)
            guard let current = TokenStanding.current(of: standings, at: now) else { continue }
            // A tenant's name needs no escaping.
            text += "\(name){tenant=\"\(tenant.name)\"} \(current.daysLeft(at: now))\n"
        }
        for figure in control.storeFigures() {
            let name = "pharos_scim_store_\(figure.name)"
            text += "# HELP \(name) \(figure.summary)\n# TYPE \(name) gauge\n\(name) \(figure.value)\n"
        }
        return Response(.ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
    }
    /// `GET /store`: what the store tells of its log, overlay and checkpoints, each with its name and summary.
    ///
    /// Nil if the path is another one.
    func storeFigures(_ request: Request) -> Response? {
        guard request.method == .get, request.target.segments == ["store"] else { return nil }
        return AdminMessage.json(.ok, .object(ServerControl.StoreFigure.json(control.storeFigures())))
    }
}
