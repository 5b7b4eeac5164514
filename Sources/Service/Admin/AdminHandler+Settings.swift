import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `POST /tenants/NAME/SETTING`, with the setting's word as the member of its name.
    ///
    /// Nil if the path is another one.
    func performOnSettings(
        _ request: Request,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .post, path.count == 3, path[0] == "tenants",
            let setting = TenantSetting.all.first(where: { $0.hyphenatedName == path[2] })
        else { return nil }
        let word = input.text(setting.name) ?? ""
        let tenant = try await administration.set(setting, to: word, tenant: path[1], by: actor)
        return AdminMessage.json(.ok, try summary(tenant))
    }
}

extension AdminInput {
    /// The settings that a new tenant is to have: the defaults, where there is no member of the name.
    func settings() throws(AdministrationError) -> TenantSettings {
        var settings = TenantSettings()
        for setting in TenantSetting.all where value(setting.name) != .null {
            guard setting.set(text(setting.name) ?? "", in: &settings) else { throw .invalidSetting(setting) }
        }
        return settings
    }
}
