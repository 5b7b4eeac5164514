import HTTP

/// The way from `/` to where a person works.
enum HomePage {
    @Sendable static func redirect(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        switch exchange.session?.scope {
        case .tenant(let tenant)?: ConsoleHandler.redirect(to: "/tenants/\(tenant)/secure/advanced")
        case .everything?: ConsoleHandler.redirect(to: "/tenants")
        case nil: ConsoleHandler.redirect(to: "/sign-in")
        }
    }
}
