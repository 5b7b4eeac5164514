import Audit
import Directory
import HTTP
import JSON
import Notes
import Tenancy

extension AdminHandler {
    /// `GET /tenants/NAME`: a tenant, and what its clients send to no effect.
    func showTenant(_ name: String) async throws(AdministrationError) -> Response {
        let tenant = try administration.tenant(name)
        let ignored = try await administration.ignoredAttributes(of: tenant, in: notes)
        return AdminMessage.json(
            .ok,
            try summary(tenant, AdminMessage.ignored(ignored) + [try tokenMessages(of: name)])
        )
    }

    /// `POST /tenants/NAME/clear-ignored`.
    ///
    /// Nil if the path is another one.
    func clearIgnored(
        _ request: Request,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post, path.count == 3, path[0] == "tenants", path[2] == "clear-ignored"
        else { return nil }
        _ = try await administration.clearIgnoredAttributes(tenant: path[1], by: actor, in: notes)
        return try await showTenant(path[1])
    }
}

extension AdminMessage {
    /// The list of ignored attributes, and the count of those that have no place in it, if there are any.
    static func ignored(_ ignored: IgnoredAttributes) -> [Member] {
        let listed = ignored.all.map { name, sightings in
            JSONValue.object(
                object(
                    [Member("type", .string(name.type)), Member("attribute", .string(name.attribute))]
                        + members(sightings)
                )
            )
        }
        let others = ignored.others.map { Member("otherIgnoredAttributes", .object(object(members($0)))) }
        return [Member("ignoredAttributes", .array(listed))] + (others.map { [$0] } ?? [])
    }

    private static func members(_ sightings: IgnoredAttributes.Sightings) -> [Member] {
        [
            Member("count", .number(JSONNumber(sightings.count))),
            Member("since", .string(sightings.first.text)), Member("last", .string(sightings.last.text)),
        ]
    }
}
