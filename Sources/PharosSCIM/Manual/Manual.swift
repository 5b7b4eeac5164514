import ArgumentParser
import Reactor

/// The pages of the manual, by their names.
enum Manual: String, ExpressibleByArgument, CaseIterable {
    case commands = "pharos-scim"
    case settings = "pharos-scim.conf"
    case auditTrail = "pharos-scim-audit"

    /// The text of the page, in the macros of man(7).
    var text: String {
        // The day of the sources, so that the same sources give the same page.
        let date = BuildOrigin.date ?? ""
        return switch self {
        case .commands: CommandManual(date: date).text
        case .settings: SettingsPage.manual(date: date)
        case .auditTrail: AuditManual(date: date).text
        }
    }
}
