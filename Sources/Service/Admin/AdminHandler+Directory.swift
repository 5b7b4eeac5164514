import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy

extension AdminHandler {
    /// Members of a group on one page.
    private static let membersMax = 100

    /// What operators read of a tenant's resources.
    ///
    /// `GET /tenants/NAME/scim/v2/…` is what a client of the tenant would read, whether or not its clients are served;
    /// `GET /tenants/NAME/groups/ID/members?from=ID` a group's members, a page at a time. Nil if the path is another one.
    func readDirectory(_ request: Request, _ actor: AuditActor) async throws(AdministrationError) -> Response?
    {
        let path = request.target.segments
        guard request.method == .get, path.count >= 4, path[0] == "tenants" else { return nil }
        if path[2] == "scim", path[3] == "v2", let pipeline {
            let access = try administration.access(to: path[1], by: actor)
            var read = request
            guard let target = try? Target(String(request.target.text.dropFirst("/tenants".count))) else {
                return nil
            }
            read.target = target
            return switch pipeline.answer(read, for: access) {
            case .ready(let response): response
            case .pending(let operation): await operation()
            }
        }
        guard path.count == 5, path[2] == "groups", path[4] == "members" else { return nil }
        return try members(of: path[3], request.target, try administration.access(to: path[1], by: actor))
    }

    private func members(
        of group: String,
        _ target: Target,
        _ access: TenantAccess
    ) throws(AdministrationError) -> Response {
        let from = target.queryItems.first { $0.name == "from" }.flatMap { UniqueID(text: $0.value) }
        guard let id = UniqueID(text: group), let kind = access.kinds.holder else {
            return AdminMessage.error(.notThere, .notFound, "There is no such group.")
        }
        let context = ChangeContext(ofOperator: access, kind, baseURL: tenantURL(access.tenant.name))
        var body = Array(#"{"members":["#.utf8)
        let renderer = directory.renderer(context)
        let next = try administration.reading { snapshot throws(DirectoryError) in
            var isFirst = true
            return try renderer.appendMembers(
                of: id,
                from: from,
                limit: Self.membersMax,
                isFirst: &isFirst,
                snapshot,
                to: &body
            )
        }
        body.append(UInt8(ascii: "]"))
        if let next { body += #","next":"\#(next.text)""#.utf8 }
        body.append(UInt8(ascii: "}"))
        return Response(.ok, contentType: "application/json", body: body)
    }
}
