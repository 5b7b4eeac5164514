import Audit
import Directory
import HTTP
import SCIM
import Tenancy

extension AdminHandler {
    /// `/tenants/NAME/profile` and `/tenants/NAME/url-filters`: the settings of a tenant.
    ///
    /// Nil if the path is another one.
    func performOnSettings(
        _ request: Request,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post, path.count == 3, path[0] == "tenants" else { return nil }
        let input = AdminInput(request.body)
        let tenant: Tenant
        switch path[2] {
        case "profile":
            let profile = try Self.profile(input.text("profile"))
            tenant = try await administration.setProfile(profile, tenant: path[1], by: actor)
        case "url-filters":
            guard let filters = input.text("urlFilters").flatMap(URLFilters.init(word:)) else {
                throw .unknownURLFilters
            }
            tenant = try await administration.setURLFilters(filters, tenant: path[1], by: actor)
        default: return nil
        }
        return AdminMessage.json(.ok, try summary(tenant))
    }

    /// The profile of a name, or the default without one.
    static func profile(_ word: String?) throws(AdministrationError) -> ProfileName {
        guard let word else { return .default }
        guard let profile = ProfileName(word: word) else { throw .unknownProfile }
        return profile
    }
}
