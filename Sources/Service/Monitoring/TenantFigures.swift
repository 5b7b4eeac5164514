import Monitoring
import Tenancy

/// What monitoring systems learn of tenants: how many there are, and how long their tokens last.
package struct TenantFigures {
    /// The tenants' names by their numbers.
    package let names: [UInt32: String]
    /// The tokens that are told of, those first that end first.
    package static let tokensMax = 500

    /// How many days the tokens have left that the tenants' clients should use.
    package let tokens: [(tenant: String, days: Int)]
    package let figures: [Figure]

    /// Reads the tenants as they are now.
    package init(_ administration: Administration) throws(AdministrationError) {
        var names: [UInt32: String] = [:]
        var tokens: [(tenant: String, days: Int)] = []
        var enabled = 0
        let now = administration.now
        let tenants = try administration.tenants()
        for tenant in tenants {
            names[tenant.number] = tenant.name
            if tenant.isSCIMEnabled { enabled += 1 }
            let standings = try administration.standings(of: tenant.name)
            guard let current = TokenStanding.current(of: standings, at: now) else { continue }
            tokens.append((tenant.name, current.daysLeft(at: now)))
        }
        tokens.sort { $0.days < $1.days }
        self.names = names
        self.tokens = Array(tokens.prefix(Self.tokensMax))
        figures =
            [
                Figure(ServerMetrics.tenants, ["enabled"], enabled),
                Figure(ServerMetrics.tenants, ["disabled"], tenants.count - enabled),
            ] + self.tokens.map { Figure(ServerMetrics.tokenDays, [$0.tenant], $0.days) }
    }
}
